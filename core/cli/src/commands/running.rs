//! What all commands that carry out a run have in common: Ctrl-C, and how the end is told.

use std::pin::pin;

use futures_util::future::{Either, select};
use serde::Serialize;
use slipway_engine::{Ended, Engine, Request, Run, drive, project::Project};
use slipway_journal::Ending;
use slipway_model::{Digest, EnvironmentName, RunId};
use tokio_util::sync::CancellationToken;

use super::{Done, typed::listen};
use crate::{
    context::Context,
    copies,
    error::{CommandError, ErrorKind},
    reports,
};

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Answer {
    run: RunId,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

/// One run to its end, or to where it can be gone on with.
pub(super) async fn carry_out(
    context: &Context,
    engine: &Engine,
    run: &Run,
    request: &Request,
    project: Option<&Project>,
) -> Result<Ended, CommandError> {
    let _listening = listen(context, engine, run.id());
    let driving = pin!(drive(engine, run, request, project, context.progress()));
    let following = pin!(copies::follow(context, &engine.workspace, &request.service));
    let (driven, following) = match select(driving, following).await {
        Either::Left((driven, following)) => (driven, Some(following)),
        Either::Right(((), driving)) => (driving.await, None),
    };
    if driven.is_ok() {
        if let Some(following) = following {
            following.await;
        }
        copies::keep(context, &engine.workspace, &request.service).await;
    }
    reports::keep(context, &engine.store, run.id()).await;
    driven.map_err(|error| {
        let error = CommandError::from(error);
        match error.kind {
            ErrorKind::Interrupted => error.hint(format!("`slipway resume {}` goes on", run.id())),
            _ => error,
        }
    })
}

/// The command's answer on stdout.
pub(super) fn tell(context: &Context, ended: &Ended) {
    let answer = Answer::of(ended);
    context.ui.answer(&answer, || answer.words());
}

/// A run that did not succeed is a command that did not.
pub(super) fn failed(ended: &Ended) -> Done {
    let kind = match ended.ending {
        Ending::Succeeded => return Ok(()),
        Ending::RolledBack | Ending::Aborted => ErrorKind::RolledBack,
        Ending::Failed => ErrorKind::Failed,
    };
    let cause = ended.cause.clone();
    let error = cause.map_or_else(|| CommandError::failed("the run failed"), CommandError::from);
    Err(CommandError { kind, ..error })
}

/// The first Ctrl-C stops at the next safe point, a second one at once.
pub(super) fn stop_on_ctrl_c(context: &Context) -> CancellationToken {
    let (stop, ui) = (CancellationToken::new(), context.ui);
    let token = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            ui.note("stopping at the next safe point; Ctrl-C again stops at once");
            token.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            // What was begun is in the journal: the run is resumed like one that was killed.
            std::process::exit(i32::from(ErrorKind::Interrupted.exit_code()));
        }
    });
    stop
}

/// `NAME=VALUE`.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.is_empty() {
        return Err("expected NAME=VALUE".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

impl Answer {
    pub(super) fn of(ended: &Ended) -> Self {
        Self {
            run: ended.run.clone(),
            outcome: outcome(ended.ending),
            package: ended.package,
            revision: ended.revision,
            cause: ended.cause.as_ref().map(|cause| cause.message.clone()),
        }
    }

    pub(super) fn is_well(&self) -> bool {
        self.outcome == outcome(Ending::Succeeded)
    }

    pub(super) fn words(&self) -> String {
        format!("run {} {}", self.run, self.outcome)
    }
}

pub(super) fn known_everywhere(projects: &[Project], environment: &EnvironmentName) -> Done {
    for project in projects {
        let manifest = &project.manifest;
        if manifest.environments_of(environment).is_empty() {
            let known = manifest.clusters.keys().chain(manifest.environments.keys());
            let names: Vec<_> = known.map(EnvironmentName::as_str).collect();
            let text = format!("{} has no environment `{environment}`", project.file.display());
            return Err(CommandError::usage(text).hint(format!("there are: {}", names.join(", "))));
        }
    }
    Ok(())
}

fn outcome(ending: Ending) -> &'static str {
    match ending {
        Ending::Succeeded => "succeeded",
        Ending::Failed => "failed",
        Ending::RolledBack => "rolled-back",
        Ending::Aborted => "aborted",
    }
}
