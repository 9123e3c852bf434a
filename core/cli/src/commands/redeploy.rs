//! `slipway redeploy`.

use clap::Args;
use slipway_archive::Trust;
use slipway_engine::{Request, Work, begin};

use super::{
    Done, archive,
    running::{carry_out, failed, stop_on_ctrl_c, tell},
};
use crate::{context::Context, error::CommandError};

/// Deploy and cut over a revision from the archive; needs no registry and no manifest
#[derive(Debug, Args)]
pub(crate) struct Redeploy {
    /// The entry, by its number, its digest or the beginning of it; `slipway archive list` shows them
    entry: String,
}

impl Redeploy {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let workspace = context.workspace();
        let archive = archive::open(&workspace)?.trusting(Trust::of_a_part());
        let entry = archive.show(&self.entry)?;
        let revision = entry.meta.revision.ok_or_else(|| {
            CommandError::failed(format!(
                "entry {} holds no revision: its run {}",
                entry.sequence, entry.meta.outcome
            ))
            .hint("`slipway archive list` shows which entries hold one")
        })?;
        let engine = context.engine(workspace).await?;
        let work = Work::Redeploy {
            entry: entry.id.to_string(),
            revision,
        };
        let request = Request::new(entry.meta.service, Some(entry.meta.environment), work);
        let run = begin(&engine, &request, stop_on_ctrl_c(context)).await?;
        let ended = carry_out(context, &engine, &run, &request, None).await?;
        tell(context, &ended);
        failed(&ended)
    }
}
