//! `slipway resume`.

use std::{collections::BTreeSet, sync::Arc};

use clap::Args;
use jiff::Timestamp;
use slipway_engine::{Request, Work, begun_with, components::References, project::manifest_in, reopen};
use slipway_journal::{SignalKind, Store};

use super::{
    Done,
    happened::{Answer, settle},
    ledgers::{Found, find, interrupted},
    running::{carry_out, failed, stop_on_ctrl_c, tell},
    signal::signal,
    together::{go_on, told_together},
};
use crate::{context::Context, error::CommandError};

/// Go on with a run that was interrupted, or that was paused
///
/// Where a run was interrupted between the beginning of an effect that must not be repeated and its answer, it asks
/// whether the effect happened, and stands still until it is told. With `yes` the plugin goes on as if the effect had
/// succeeded without an answer (HTTP: status 204; a program: exit code 0, no output). With `no` the effect is performed.
/// The answer, who gave it and when, are in the journal.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The run, by the beginning of its id, or its environment; without it the only one that was interrupted
    run: Option<String>,
    /// Answer what the run has asked: whether the effect happened before the interruption
    #[arg(long, value_name = "ANSWER")]
    happened: Option<Answer>,
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
            if self.happened.is_some() {
                let text = format!("run {} is under way and asks nothing", run.id);
                return Err(CommandError::usage(text));
            }
            return signal(context, store.as_ref(), &run, SignalKind::Resume, String::new()).await;
        }
        drop::<Arc<dyn Store>>(store);
        let stop = stop_on_ctrl_c(context);
        // What it looked up anew may not be in the lock yet; what it found is what it goes on with.
        let begun_request: Option<Request> = serde_json::from_str(&run.plan).ok();
        if let Some(Work::Steps { update: true, .. }) = begun_request.as_ref().map(|request| &request.work) {
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
        if let Some(request) = &begun_request
            && let from = (manifest_in(&file), request, &run.id)
            && let Some(went) = go_on(context, from, self.happened, &stop).await?
        {
            return told_together(context, request.environment.as_ref(), &went);
        }
        // As it was begun: today's manifest may be another one, and a way back needs none.
        let begun = begun_with(&workspace, &run.id, &manifest_in(&file));
        let engine = match &begun {
            Some(project) => context.engine_of(project).await?,
            None if own => context.engine(workspace).await?,
            None => context.engine_of(&context.project_of(&file).await?).await?,
        };
        let (run, request) = reopen(&engine, &run.id, stop).await?;
        if let Err(error) = settle(context, &run, self.happened).await {
            run.release().await?;
            return Err(error);
        }
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

fn only(mut interrupted: Vec<Found>) -> Result<Found, CommandError> {
    // Of several that are released together, any of them leads to all.
    let mut groups = BTreeSet::new();
    interrupted.retain(|Found { run, .. }| {
        let request: Option<Request> = serde_json::from_str(&run.plan).ok();
        let lead = request.and_then(|request| request.lead).map(|lead| lead.run);
        groups.insert(lead.unwrap_or_else(|| run.id.clone()))
    });
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
