//! `slipway resume`.

use clap::Args;
use jiff::Timestamp;
use slipway_engine::{Request, Work, components::References, reopen};
use slipway_journal::{Run, SignalKind, Store};

use super::{
    Done,
    running::{carry_out, failed, stop_on_ctrl_c, tell},
    runs,
    signal::signal,
};
use crate::{context::Context, error::CommandError};

/// Go on with a run that was interrupted, or that was paused
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The run, by the beginning of its id, or its environment; without it the only one that was interrupted
    run: Option<String>,
}

impl Resume {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let workspace = context.workspace();
        let store = context.ledger(&workspace)?;
        let run = match &self.run {
            Some(wanted) => runs::find(&store, wanted).await?,
            None => only(runs::interrupted(&store).await?)?,
        };
        if run.ended.is_none() && !run.is_interrupted(Timestamp::now()) {
            return signal(context, store.as_ref(), &run, SignalKind::Resume, String::new()).await;
        }
        drop::<std::sync::Arc<dyn Store>>(store);
        // What it looked up anew may not be in the lock yet; what it found is what it goes on with.
        let begun: Option<Request> = serde_json::from_str(&run.plan).ok();
        if let Some(Work::Steps { update: true, .. }) = begun.map(|request| request.work) {
            context.plugins.take_references(References {
                asked: false,
                locked: false,
            });
        }
        let engine = context.engine(workspace).await?;
        let (run, request) = reopen(&engine, &run.id, stop_on_ctrl_c(context)).await?;
        // A way back and a redeployment need no manifest.
        let project = match &request.work {
            Work::Steps { .. } => Some(context.project().await?),
            Work::RollBack { .. } | Work::Redeploy { .. } => None,
        };
        let ended = carry_out(context, &engine, &run, &request, project.as_ref()).await?;
        tell(context, &ended);
        failed(&ended)
    }
}

fn only(interrupted: Vec<Run>) -> Result<Run, CommandError> {
    match <[Run; 1]>::try_from(interrupted) {
        Ok([run]) => Ok(run),
        Err(runs) if runs.is_empty() => {
            Err(CommandError::failed("no run was interrupted").hint("`slipway history` lists all runs"))
        }
        Err(runs) => {
            let error = CommandError::usage("several runs were interrupted: say which one");
            Err(runs.iter().fold(error, |error, run| {
                error.hint(format!("`slipway resume {}` ({})", run.id, run.scope()))
            }))
        }
    }
}
