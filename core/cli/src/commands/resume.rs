//! `slipway resume`.

use std::{collections::BTreeSet, sync::Arc};

use clap::Args;
use jiff::Timestamp;
use slipway_engine::{Request, Work, begun_with, components::References, project::manifest_in, reopen};
use slipway_journal::{SignalKind, Store};
use slipway_model::EnvironmentName;
use tokio_util::sync::CancellationToken;

use super::{
    Done,
    answers::{Told, told},
    happened::{Answer, settle},
    ledgers::{Found, find, interrupted},
    running::{carry_out, stop_on_ctrl_c},
    schedule::Turn,
    signal::signal,
    together::{Went, failure_of, go_on, told_together},
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
    /// The run, by the beginning of its id, or its environment; without it all that were interrupted
    run: Option<String>,
    /// Answer what the run has asked: whether the effect happened before the interruption
    #[arg(long, value_name = "ANSWER")]
    happened: Option<Answer>,
}

impl Resume {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let found = match &self.run {
            Some(wanted) => vec![find(context, wanted).await?],
            None => each_once(interrupted(context).await?),
        };
        match <[Found; 1]>::try_from(found) {
            Ok([found]) => self.one(context, found).await,
            Err(none) if none.is_empty() => {
                Err(CommandError::failed("no run was interrupted").hint("`slipway history` lists all runs"))
            }
            Err(several) => self.several(context, several).await,
        }
    }

    async fn one(self, context: &Context, found: Found) -> Done {
        let run = &found.run;
        if run.ended.is_none() && !run.is_interrupted(Timestamp::now()) {
            if self.happened.is_some() {
                let text = format!("run {} is under way and asks nothing", run.id);
                return Err(CommandError::usage(text));
            }
            return signal(
                context,
                found.store.as_ref(),
                run,
                SignalKind::Resume,
                String::new(),
            )
            .await;
        }
        go_on_with(context, found, self.happened).await
    }

    /// One after the other, whatever becomes of those before: they were under way beside each other.
    async fn several(self, context: &Context, several: Vec<Found>) -> Done {
        if self.happened.is_some() {
            let error = CommandError::usage("several runs were interrupted: say which one the answer is for");
            return Err(several.iter().fold(error, |error, Found { run, .. }| {
                error.hint(format!(
                    "`slipway resume {} --happened ANSWER` ({})",
                    run.id,
                    run.scope()
                ))
            }));
        }
        let stop = stop_on_ctrl_c(context);
        let (mut each, mut ends) = (Vec::new(), Vec::new());
        // Those of the services that others depend on come first.
        for found in several.into_iter().rev() {
            let scope = found.run.scope();
            if stop.is_cancelled() {
                ends.push((Turn::NotBegun, vec![scope.service]));
                continue;
            }
            context
                .ui
                .say(&format!("{scope}: going on with run {}", found.run.id));
            match with(context, found, None, &stop).await {
                Ok((environment, went)) => {
                    let names = went.iter().map(|went| went.service.clone()).collect();
                    let of_one = |went: &Went| {
                        Told::new((went.service.clone(), false), environment.as_ref(), &went.ended)
                    };
                    each.extend(went.iter().map(of_one));
                    ends.push((failure_of(&went).map_or(Turn::Done(()), Turn::Failed), names));
                }
                Err(error) => {
                    let ended = Err(error.clone());
                    each.push(Told::new(
                        (scope.service.clone(), false),
                        Some(&scope.environment),
                        &ended,
                    ));
                    ends.push((Turn::Failed(error), vec![scope.service]));
                }
            }
        }
        told(context, each, ends)
    }
}

/// Goes on with a run that was interrupted, and tells how it went.
pub(super) async fn go_on_with(context: &Context, found: Found, answer: Option<Answer>) -> Done {
    let stop = stop_on_ctrl_c(context);
    let own = found.workspace == context.workspace();
    let (environment, went) = with(context, found, answer, &stop).await?;
    told_together(context, environment.as_ref(), &went)?;
    if let ([went], false) = (&went[..], own) {
        let service = &went.service;
        context.ui.note(&format!(
            "{service} is what was interrupted; what depends on it is still to be run"
        ));
    }
    Ok(())
}

/// Goes on with a run, and with all that are released together with it.
async fn with(
    context: &Context,
    found: Found,
    answer: Option<Answer>,
    stop: &CancellationToken,
) -> Result<(Option<EnvironmentName>, Vec<Went>), CommandError> {
    let Found {
        workspace,
        store,
        run,
    } = found;
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
        && let Some(went) = go_on(context, from, answer, stop).await?
    {
        return Ok((request.environment.clone(), went));
    }
    // As it was begun: today's manifest may be another one, and a way back needs none.
    let begun = begun_with(&store, &workspace, &run.id, &manifest_in(&file)).await?;
    drop::<Arc<dyn Store>>(store);
    let engine = match &begun {
        Some(project) => context.engine_of(project).await?,
        None if own => context.engine(workspace).await?,
        None => context.engine_of(&context.project_of(&file).await?).await?,
    };
    let (run, request) = reopen(&engine, &run.id, stop.clone()).await?;
    if let Err(error) = settle(context, &run, answer).await {
        run.release().await?;
        return Err(error);
    }
    let project = match (begun, &request.work) {
        // It was interrupted before it had kept anything.
        (None, Work::Steps { .. }) => Some(context.project_of(&file).await?),
        (begun, _) => begun,
    };
    let ended = carry_out(context, &engine, &run, &request, project.as_ref()).await?;
    let Request {
        service, environment, ..
    } = request;
    Ok((environment, vec![Went::alone(service, ended)]))
}

/// Of several that are released together, any of them leads to all.
fn each_once(mut interrupted: Vec<Found>) -> Vec<Found> {
    let mut groups = BTreeSet::new();
    interrupted.retain(|Found { run, .. }| {
        let request: Option<Request> = serde_json::from_str(&run.plan).ok();
        let lead = request.and_then(|request| request.lead).map(|lead| lead.run);
        groups.insert(lead.unwrap_or_else(|| run.id.clone()))
    });
    interrupted
}
