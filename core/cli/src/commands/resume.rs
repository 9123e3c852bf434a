//! `slipway resume`.

use clap::Args;
use jiff::Timestamp;
use slipway_engine::{Request, Work, begun_with, components::References, project::manifest_in, reopen};
use slipway_journal::{SignalKind, Store};

use super::{
    Done,
    ledgers::{Found, find, interrupted},
    running::{carry_out, failed, stop_on_ctrl_c, tell},
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
        let Found {
            workspace,
            store,
            run,
        } = match &self.run {
            Some(wanted) => find(context, wanted).await?,
            None => only(interrupted(context).await?)?,
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
        let own = workspace == context.workspace();
        let file = if own {
            context.file.clone()
        } else {
            workspace.root().to_path_buf()
        };
        // As it was begun: today's manifest may be another one, and a way back needs none.
        let begun = begun_with(&workspace, &run.id, &manifest_in(&file));
        let engine = match &begun {
            Some(project) => context.engine_of(project).await?,
            None if own => context.engine(workspace).await?,
            None => context.engine_of(&context.project_of(&file).await?).await?,
        };
        let (run, request) = reopen(&engine, &run.id, stop_on_ctrl_c(context)).await?;
        let project = match (begun, &request.work) {
            // It was interrupted before it had kept anything.
            (None, Work::Steps { .. }) => Some(context.project_of(&file).await?),
            (begun, _) => begun,
        };
        let ended = carry_out(context, &engine, &run, &request, project.as_ref()).await?;
        tell(context, &ended);
        failed(&ended)?;
        if !own {
            let service = &request.service;
            context.ui.note(&format!(
                "{service} is what was interrupted; what depends on it is still to be run"
            ));
        }
        Ok(())
    }
}

fn only(interrupted: Vec<Found>) -> Result<Found, CommandError> {
    match <[Found; 1]>::try_from(interrupted) {
        Ok([found]) => Ok(found),
        Err(runs) if runs.is_empty() => {
            Err(CommandError::failed("no run was interrupted").hint("`slipway history` lists all runs"))
        }
        Err(runs) => {
            let error = CommandError::usage("several runs were interrupted: say which one");
            Err(runs.iter().fold(error, |error, Found { run, .. }| {
                error.hint(format!("`slipway resume {}` ({})", run.id, run.scope()))
            }))
        }
    }
}
