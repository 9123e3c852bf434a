//! `slipway replay`.

use clap::Args;
use serde_json::json;
use slipway_engine::{Replayed, replay};

use super::{Done, recorded::Recorded};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
    plugins::Replacement,
};

/// Carry a past run out again, from its record alone
///
/// Plugins are asked what they were asked then, and everything that they do to the outside is answered from the record:
/// nothing leaves this process. Where a plugin would do something else than it did, because it is another version of it
/// (`--with`), that is told, and the exit code is 7.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The run, by the beginning of its id, or the last one of an environment; `archive:ENTRY` needs the archive and no ledger
    run: String,
    /// Put another component in the place of a plugin, to see what it would have done; may be given again
    #[arg(long, value_name = "NAME=FILE.wasm")]
    with: Vec<Replacement>,
}

impl Replay {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let recorded = Recorded::find(context, &self.run).await?;
        let (run, workspace) = (&recorded.run, recorded.workspace.clone());
        let engine = context
            .engine_over(recorded.store.clone(), workspace, &self.with)
            .await?;
        let Replayed {
            calls,
            effects,
            stopped,
        } = replay(engine, &run.id).await?;
        let document = json!({ "run": run.id, "calls": calls, "effects": effects, "stopped": stopped });
        context.ui.answer(&document, || {
            format!(
                "run {}: plugins were asked {calls} times, and {effects} of their effects answered from the record{}",
                run.id,
                if stopped.is_none() { "; all is as it was" } else { "" }
            )
        });
        match stopped {
            None => Ok(()),
            Some(why) => Err(CommandError::new(ErrorKind::Different, format!("run {} is not the same again: {why}", run.id))
                .hint("an interrupted run can be replayed up to where it was interrupted; another version of a plugin, up to where it acts differently")),
        }
    }
}
