//! What all commands that carry out a run have in common: dependencies first, Ctrl-C, and how the end is told.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Serialize;
use slipway_engine::{
    Ended, Engine, Request, Run, Step, Work, begin, components::References, dependencies::Look, drive,
    project::Project,
};
use slipway_journal::Ending;
use slipway_model::{Digest, EnvironmentName, Plan};
use tokio_util::sync::CancellationToken;

use super::{
    Done,
    services::{Service, services},
};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
    progress::progress,
};

/// The steps of a run, as asked for on the command line.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) steps: Vec<Step>,
    pub(super) environment: Option<EnvironmentName>,
    pub(super) version: Option<String>,
    pub(super) update: bool,
    pub(super) set: Vec<(String, String)>,
    pub(super) expected: Option<Box<Plan>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Answer<'a> {
    run: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

/// Runs the steps for every service that the asked one depends on, and then for itself.
pub(super) async fn steps(context: &Context, asked: Asked) -> Done {
    if asked.steps.contains(&Step::Release) {
        context.plugins.take_references(References {
            asked: true,
            locked: !asked.update,
        });
    }
    let projects = context.projects().await?;
    if let Some(environment) = &asked.environment {
        known_everywhere(&projects, environment)?;
    }
    let look = if asked.steps.contains(&Step::Release) {
        Look::Again { update: asked.update }
    } else {
        Look::AsReleased
    };
    let services = services(context, projects, look).await?;
    steps_of(context, &services, asked).await
}

/// The same for services that were found already and have the environment.
pub(super) async fn steps_of(context: &Context, services: &[Service], asked: Asked) -> Done {
    let stop = stop_on_ctrl_c(context);
    let mut released: BTreeMap<PathBuf, Digest> = BTreeMap::new();
    let last = services.len().saturating_sub(1);
    for (position, service) in services.iter().enumerate() {
        let own = position == last;
        let Service {
            project,
            package,
            packages,
            ..
        } = service;
        let mut steps = asked.steps.clone();
        // Whoever made the package has released it.
        steps.retain(|step| package.is_none() || *step != Step::Release);
        if steps.is_empty() {
            continue;
        }
        let engine = context.engine_of(project).await?;
        let folders = project
            .dependencies()
            .filter_map(|(name, identity)| Some((name.to_owned(), *released.get(&identity)?)));
        let dependencies = folders.chain(packages.clone()).collect();
        let work = Work::Steps {
            steps,
            package: *package,
            // What is said on the command line is about the service that was asked for.
            version: asked.version.clone().filter(|_| own),
            update: asked.update,
            set: if own { asked.set.clone() } else { Vec::new() },
            dependencies,
            expected: asked.expected.clone().filter(|_| own),
        };
        let service = project.manifest.service.name.clone();
        let request = Request {
            service,
            environment: asked.environment.clone(),
            work,
        };
        let run = begin(&engine, &request, stop.clone()).await?;
        let ended = carry_out(context, &engine, &run, &request, Some(project)).await?;
        released.extend(ended.package.map(|package| (project.identity.clone(), package)));
        if own {
            tell(context, &ended);
        }
        failed(&ended)?;
    }
    Ok(())
}

/// One run to its end, or to where it can be gone on with.
pub(super) async fn carry_out(
    context: &Context,
    engine: &Engine,
    run: &Run,
    request: &Request,
    project: Option<&Project>,
) -> Result<Ended, CommandError> {
    let driven = drive(engine, run, request, project, progress(context.ui)).await;
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
    let answer = Answer {
        run: ended.run.as_str(),
        outcome: outcome(ended.ending),
        package: ended.package,
        revision: ended.revision,
        cause: ended.cause.as_ref().map(|cause| cause.message.as_str()),
    };
    context
        .ui
        .answer(&answer, || format!("run {} {}", ended.run, outcome(ended.ending)));
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

pub(super) fn known_everywhere(projects: &[Project], environment: &EnvironmentName) -> Done {
    for project in projects {
        let known = &project.manifest.environments;
        if !known.contains_key(environment) {
            let names: Vec<_> = known.keys().map(EnvironmentName::as_str).collect();
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
