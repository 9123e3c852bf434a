//! What another run has recorded: for whoever goes on from what it has left.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use slipway_journal::{Content, RunStatus, Store, records};
use slipway_model::RunId;

use crate::{Failed, Interruption, RunError};

/// What an activity of a run has given; none where it was not begun, has not ended, or has failed.
pub(crate) async fn given<T: DeserializeOwned>(
    store: &Arc<dyn Store>,
    run: &RunId,
    activity: &str,
) -> Result<Option<T>, RunError> {
    let records = records(store.as_ref(), run).await?;
    let unreadable = |cause: String| Interruption::Unreadable {
        activity: format!("{run} {activity}"),
        cause,
    };
    let status = RunStatus::fold(&records).map_err(|error| unreadable(error.to_string()))?;
    let known = status.activity(activity);
    let Some(Ok(content)) = known.and_then(|known| known.outcome.clone()) else {
        return Ok(None);
    };
    let mut bodies = bodies(store, run, &content).await?.into_iter();
    let value = content.join(|_| bodies.next().unwrap_or_default());
    let value = value.map_err(|error| unreadable(error.to_string()))?;
    let given = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(given))
}

/// In the order in which they are asked for.
async fn bodies(store: &Arc<dyn Store>, run: &RunId, content: &Content) -> Result<Vec<Vec<u8>>, RunError> {
    let mut bodies = Vec::with_capacity(content.bodies.len());
    for body in content.bodies.values() {
        let bytes = store.body(run, body.digest).await?;
        bodies.push(bytes.ok_or_else(|| {
            Failed::new(format!(
                "run {run}: the ledger has lost what is called {}",
                body.digest
            ))
        })?);
    }
    Ok(bodies)
}
