//! The services of a command take turns: each after those that it depends on, independent ones beside each other.

use std::{cell::RefCell, collections::BTreeMap, num::NonZeroUsize, path::PathBuf, sync::Arc};

use clap::Args;
use serde::Serialize;
use slipway_engine::{
    Ended, Request, Step, Work, begin, components::References, dependencies::Look, project::Project,
};
use slipway_model::{Digest, EnvironmentName, Plan, ServiceName};
use tokio_util::sync::CancellationToken;

use super::{
    Done,
    running::{Answer, carry_out, failed, known_everywhere, stop_on_ctrl_c},
    schedule::{Turn, in_order},
    services::{Service, needs, services},
};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
    observer::Talker,
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
    pub(super) jobs: Jobs,
}

#[derive(Debug, Args)]
pub(super) struct Jobs {
    /// How many services may be under way at once, where they do not depend on each other
    #[arg(long, value_name = "COUNT", default_value = "4")]
    jobs: NonZeroUsize,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN,
        }
    }
}

/// How one service's turn went wrong.
struct Unwell {
    /// Absent where its run did not come to an end.
    ended: Option<Ended>,
    error: CommandError,
}

/// What a turn takes from those before it, and leaves to those after.
struct Turns<'a> {
    context: &'a Context,
    services: &'a [Service],
    asked: &'a Asked,
    stop: CancellationToken,
    /// By [`Project::identity`].
    released: RefCell<BTreeMap<PathBuf, Digest>>,
}

/// Nothing is done for a service that has none of the steps.
type End = Turn<Option<Ended>, Unwell>;

#[derive(Serialize)]
struct Answers {
    /// Of the service that was asked for.
    #[serde(flatten)]
    own: Option<Answer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Vec<ServiceAnswer>,
}

#[derive(Serialize)]
struct ServiceAnswer {
    service: ServiceName,
    #[serde(flatten)]
    run: Option<Answer>,
    /// Where no run came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Why, where there is no run to say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
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
    let turns = Turns {
        context,
        services,
        asked: &asked,
        stop: stop_on_ctrl_c(context),
        released: RefCell::default(),
    };
    let no_more = || turns.stop.is_cancelled();
    let ends = in_order(
        &needs(services),
        asked.jobs.jobs.get(),
        no_more,
        async |position| turns.of(position).await,
    )
    .await;
    tell(context, services, &ends);
    failure(services, ends)
}

impl Turns<'_> {
    async fn of(&self, position: usize) -> Result<Option<Ended>, Unwell> {
        let Service {
            project,
            package,
            packages,
            ..
        } = &self.services[position];
        let own = position + 1 == self.services.len();
        let mut steps = self.asked.steps.clone();
        // Whoever made the package has released it.
        steps.retain(|step| package.is_none() || *step != Step::Release);
        if steps.is_empty() {
            return Ok(None);
        }
        let folders = project
            .dependencies()
            .filter_map(|(name, identity)| Some((name.to_owned(), *self.released.borrow().get(&identity)?)));
        let work = Work::Steps {
            steps,
            package: *package,
            // What is said on the command line is about the service that was asked for.
            version: self.asked.version.clone().filter(|_| own),
            update: self.asked.update,
            set: if own { self.asked.set.clone() } else { Vec::new() },
            dependencies: folders.chain(packages.clone()).collect(),
            expected: self.asked.expected.clone().filter(|_| own),
        };
        let request = Request {
            service: project.manifest.service.name.clone(),
            environment: self.asked.environment.clone(),
            work,
        };
        let ended = self
            .run(project, &request)
            .await
            .map_err(|error| Unwell { ended: None, error })?;
        if let Some(package) = ended.package {
            self.released
                .borrow_mut()
                .insert(project.identity.clone(), package);
        }
        match failed(&ended) {
            Ok(()) => Ok(Some(ended)),
            Err(error) => Err(Unwell {
                ended: Some(ended),
                error,
            }),
        }
    }

    async fn run(&self, project: &Project, request: &Request) -> Result<Ended, CommandError> {
        let mut engine = self.context.engine_of(project).await?;
        if self.services.len() > 1 {
            engine.observer = Arc::new(Talker::of(self.context.ui, &request.service));
        }
        let run = begin(&engine, request, self.stop.clone()).await?;
        carry_out(self.context, &engine, &run, request, Some(project)).await
    }
}

/// The command's answer on stdout: what became of the service that was asked for, and of those that go before it.
fn tell(context: &Context, services: &[Service], ends: &[End]) {
    let ended = |end: &'_ End| -> Option<Answer> {
        match end {
            Turn::Done(ended) => ended.as_ref().map(Answer::of),
            Turn::Failed(unwell) => unwell.ended.as_ref().map(Answer::of),
            Turn::NotBegun => None,
        }
    };
    let several = services.len() > 1;
    let mut each = Vec::new();
    for (service, end) in services.iter().zip(ends).filter(|_| several) {
        let (outcome, cause) = match end {
            Turn::Done(None) => continue,
            Turn::Failed(Unwell { ended: None, error }) => (Some("failed"), Some(error.message.clone())),
            Turn::NotBegun => (Some("not-begun"), None),
            Turn::Done(Some(_)) | Turn::Failed(_) => (None, None),
        };
        each.push(ServiceAnswer {
            service: service.project.manifest.service.name.clone(),
            run: ended(end),
            outcome,
            cause,
        });
    }
    let own = ends.last().and_then(ended);
    if own.is_none() && !several {
        return;
    }
    let answers = Answers { own, services: each };
    context.ui.answer(&answers, || answers.words());
}

/// What went wrong first, and what came of it.
fn failure(services: &[Service], ends: Vec<End>) -> Done {
    let names = services
        .iter()
        .map(|service| &service.project.manifest.service.name);
    let (mut failed, mut not_begun) = (Vec::new(), Vec::new());
    for (name, end) in names.zip(ends) {
        match end {
            Turn::Done(_) => {}
            Turn::Failed(unwell) => failed.push((name, unwell.error)),
            Turn::NotBegun => not_begun.push(name.as_str()),
        }
    }
    let mut failed = failed.into_iter();
    let Some((first, mut error)) = failed.next() else {
        return match not_begun.as_slice() {
            [] => Ok(()),
            names => {
                let text = format!("stopped before {} began", names.join(", "));
                Err(CommandError::new(ErrorKind::Interrupted, text).hint("the same command goes on"))
            }
        };
    };
    for (name, another) in failed {
        error = error.hint(format!("{name} failed too: {}", another.message));
        error.problems.extend(another.problems);
    }
    if !not_begun.is_empty() {
        error = error.hint(format!(
            "not begun, because {first} comes first: {}",
            not_begun.join(", ")
        ));
    }
    Err(error)
}

impl Answers {
    fn words(&self) -> String {
        let own = self.own.as_ref().map(Answer::words);
        let told = self.services.iter().map(ServiceAnswer::words);
        // Those that went well before the one that was asked for are no news.
        match own {
            Some(own) if self.services.iter().all(ServiceAnswer::is_well) => own,
            _ => told.collect::<Vec<_>>().join("\n"),
        }
    }
}

impl ServiceAnswer {
    fn is_well(&self) -> bool {
        self.run.as_ref().is_some_and(Answer::is_well)
    }

    fn words(&self) -> String {
        let run = self.run.as_ref().map(Answer::words);
        let said = run.unwrap_or_else(|| self.outcome.unwrap_or_default().replace('-', " "));
        format!("{}: {said}", self.service)
    }
}
