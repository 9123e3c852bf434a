//! A past run that is looked at again, and where its record is.

use std::sync::Arc;

use slipway_archive::Trust;
use slipway_engine::{Failed, Workspace, ledger_of};
use slipway_journal::{Run, Store};
use tempfile::TempDir;

use super::{archive, runs};
use crate::{context::Context, error::CommandError};

/// How a run in the archive is named.
const ARCHIVED: &str = "archive:";

pub(super) struct Recorded {
    pub(super) run: Run,
    pub(super) store: Arc<dyn Store>,
    /// Where it was carried out, or what its entry in the archive was laid out in.
    pub(super) workspace: Workspace,
    /// Gone with this.
    _laid_out: Option<TempDir>,
}

impl Recorded {
    /// In the ledger; or in an entry of the archive, and then no ledger is asked.
    pub(super) async fn find(context: &Context, wanted: &str) -> Result<Self, CommandError> {
        if let Some(entry) = wanted.strip_prefix(ARCHIVED) {
            return Self::archived(context, entry).await;
        }
        let workspace = context.workspace();
        let store = context.ledger(&workspace).await?;
        Ok(Self {
            run: runs::find(&store, wanted).await?,
            store,
            workspace,
            _laid_out: None,
        })
    }

    async fn archived(context: &Context, entry: &str) -> Result<Self, CommandError> {
        let archive = archive::open(&context.workspace())?.trusting(Trust::of_a_part());
        let entry = archive.show(entry)?;
        let folder = tempfile::tempdir().map_err(Failed::from_error)?;
        let workspace = Workspace::new(folder.path());
        let store = ledger_of(&archive, &entry, &workspace).await?;
        Ok(Self {
            run: store.run(entry.meta.run.as_str()).await?,
            store,
            workspace,
            _laid_out: Some(folder),
        })
    }
}
