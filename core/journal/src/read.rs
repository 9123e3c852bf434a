//! Reading a run's journal from its beginning to its end.

use slipway_model::RunId;

use crate::{Record, Result, Store};

/// So many at a time.
const PAGE: u32 = 4096;

/// Everything that a run has recorded, in order.
pub async fn records(store: &dyn Store, run: &RunId) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let after = records.last().map_or(0, |record| record.seq);
        let more = store.entries(run, after, PAGE).await?;
        if more.is_empty() {
            return Ok(records);
        }
        records.extend(more);
    }
}
