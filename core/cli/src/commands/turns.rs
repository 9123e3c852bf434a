//! The services of a command take turns: each after those that it depends on, independent ones beside each other.

use std::{cell::RefCell, collections::BTreeMap, num::NonZeroUsize, path::PathBuf, sync::Arc};

use clap::Args;
use futures_util::future::join_all;
use slipway_engine::{
    Ended, Request, Step, Work, begin, components::References, dependencies::Look, project::Project,
};
use slipway_manifest::Clusters;
use slipway_model::{Digest, EnvironmentName};
use tokio_util::sync::CancellationToken;

use super::{
    Done,
    answers::{Told, failure_in, told},
    outside::in_time,
    running::{carry_out, failed, known_everywhere, stop_on_ctrl_c},
    saved_plan::SavedRun,
    schedule::in_order,
    services::{Service, services},
    together::{Part, failure_of, together},
    units::{Unit, units},
};
use crate::{context::Context, error::CommandError, observer::Talker};

/// The steps of a run, as asked for on the command line.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) steps: Vec<Step>,
    pub(super) environment: Option<EnvironmentName>,
    pub(super) version: Option<String>,
    pub(super) update: bool,
    pub(super) set: Vec<(String, String)>,
    /// Each service has its own of these plans.
    pub(super) expected: Option<SavedRun>,
    pub(super) jobs: Jobs,
    /// Why it goes ahead outside of the windows.
    pub(super) outside_window: Option<String>,
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

/// What a turn takes from those before it, and leaves to those after.
struct Turns<'a> {
    context: &'a Context,
    services: &'a [Service],
    asked: &'a Asked,
    stop: CancellationToken,
    /// By [`Project::identity`].
    released: RefCell<BTreeMap<PathBuf, Digest>>,
    told: RefCell<Vec<Told>>,
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
    if asked.outside_window.is_none() {
        in_time(context, services, (&asked.steps, asked.environment.as_ref()))?;
    }
    if let (Some(expected), Some(environment)) = (&asked.expected, &asked.environment) {
        let mut wanted = Vec::new();
        for service in services {
            let environments = service.project.manifest.environments_of(environment);
            wanted.extend(
                environments
                    .into_iter()
                    .map(|environment| (service.name(), environment)),
            );
        }
        expected.is_about(&wanted)?;
    }
    let (units, needs) = units(services)?;
    let turns = Turns {
        context,
        services,
        asked: &asked,
        stop: stop_on_ctrl_c(context),
        released: RefCell::default(),
        told: RefCell::default(),
    };
    let no_more = || turns.stop.is_cancelled();
    let ends = in_order(&needs, asked.jobs.jobs.get(), no_more, async |position| {
        turns.of(&units[position]).await
    })
    .await;
    let names = |unit: &Unit| {
        unit.services
            .iter()
            .map(|position| services[*position].name().clone())
            .collect()
    };
    let ends = ends.into_iter().zip(units.iter().map(names)).collect();
    told(context, turns.told.into_inner(), ends)
}

impl Turns<'_> {
    async fn of(&self, unit: &Unit) -> Result<(), CommandError> {
        let lead = unit
            .services
            .last()
            .map(|lead| &self.services[*lead].project.manifest);
        let environment = self.asked.environment.as_ref();
        let clusters = environment.and_then(|environment| lead?.clusters.get(environment));
        if let ([position], None) = (&unit.services[..], clusters) {
            let steps = self.steps(*position, |_| true);
            return self.alone(*position, steps, environment).await;
        }
        for position in &unit.services {
            let steps = self.steps(*position, |step| step == Step::Release);
            self.alone(*position, steps, None).await?;
        }
        match (environment, clusters) {
            (_, Some(clusters)) => self.clusters(unit, clusters).await,
            (Some(environment), None) => self.together(unit, environment).await,
            (None, None) => Ok(()),
        }
    }

    /// Batch after batch, as long as no more than may have failed. What failed in one cluster is back on what it had there.
    async fn clusters(&self, unit: &Unit, clusters: &Clusters) -> Result<(), CommandError> {
        let (mut failed, mut not_begun) = (Vec::new(), Vec::new());
        for batch in clusters.batches() {
            if failed.len() > clusters.max_failures as usize || self.stop.is_cancelled() {
                not_begun.extend(batch);
                continue;
            }
            let ran = join_all(batch.iter().map(|environment| self.cluster(unit, environment))).await;
            let ran = batch.iter().zip(ran);
            failed.extend(ran.filter_map(|(environment, ran)| Some((environment, ran.err()?))));
        }
        for (environment, position) in not_begun.iter().flat_map(|environment| {
            unit.services
                .iter()
                .map(move |position| (*environment, *position))
        }) {
            let service = self.services[position].name().clone();
            self.told
                .borrow_mut()
                .push(Told::not_begun(service, Some(environment)));
        }
        failure_in(&clusters.environments, failed, &not_begun)
    }

    async fn cluster(&self, unit: &Unit, environment: &EnvironmentName) -> Result<(), CommandError> {
        let [position] = unit.services[..] else {
            return self.together(unit, environment).await;
        };
        let steps = self.steps(position, |step| step != Step::Release);
        self.alone(position, steps, Some(environment)).await
    }

    /// Those of the asked steps that the service takes.
    fn steps(&self, position: usize, wanted: impl Fn(Step) -> bool) -> Vec<Step> {
        // Whoever made the package has released it.
        let released = self.services[position].package.is_some();
        let steps = self.asked.steps.iter().copied();
        steps
            .filter(|step| wanted(*step) && !(released && *step == Step::Release))
            .collect()
    }

    async fn alone(
        &self,
        position: usize,
        steps: Vec<Step>,
        environment: Option<&EnvironmentName>,
    ) -> Result<(), CommandError> {
        if steps.is_empty() {
            return Ok(());
        }
        let Service { project, .. } = &self.services[position];
        let work = self.work((position, environment), steps);
        let request = Request::new(project.manifest.service.name.clone(), environment.cloned(), work);
        let ended = self.run(project, &request).await;
        self.note(position, environment, &ended);
        failed(&ended?)
    }

    /// What is released by now has one verdict.
    async fn together(&self, unit: &Unit, environment: &EnvironmentName) -> Result<(), CommandError> {
        let parts = unit.services.iter().map(|position| {
            let steps = self.steps(*position, |step| step != Step::Release);
            let project = self.services[*position].project.clone();
            let work = self.work((*position, Some(environment)), steps);
            Part { project, work }
        });
        let parts: Vec<Part> = parts.collect();
        let nothing = |part: &Part| matches!(&part.work, Work::Steps { steps, .. } if steps.is_empty());
        if parts.iter().all(nothing) {
            return Ok(());
        }
        let went = together(
            self.context,
            (environment, self.of_several(environment)),
            parts,
            &self.stop,
        )
        .await?;
        for (position, went) in unit.services.iter().zip(&went) {
            self.note(*position, Some(environment), &went.ended);
        }
        failure_of(&went).map_or(Ok(()), Err)
    }

    fn work(&self, (position, environment): (usize, Option<&EnvironmentName>), steps: Vec<Step>) -> Work {
        let Service {
            project,
            package,
            packages,
        } = &self.services[position];
        // What is said on the command line is about the service that was asked for.
        let own = position + 1 == self.services.len();
        let planned = self.asked.expected.as_ref().zip(environment);
        let planned =
            planned.and_then(|(saved, environment)| saved.of(&project.manifest.service.name, environment));
        let set = match planned {
            Some(planned) => planned.set.clone(),
            None if own => self.asked.set.clone(),
            None => Vec::new(),
        };
        let released = self.released.borrow();
        let folders = project
            .dependencies()
            .filter_map(|(name, identity)| Some((name.to_owned(), *released.get(&identity)?)));
        Work::Steps {
            steps,
            package: package.or_else(|| released.get(&project.identity).copied()),
            version: self.asked.version.clone().filter(|_| own),
            update: self.asked.update,
            set,
            dependencies: folders.chain(packages.clone()).collect(),
            expected: planned.map(|planned| Box::new(planned.plan.clone())),
            outside_window: self.asked.outside_window.clone(),
        }
    }

    async fn run(&self, project: &Project, request: &Request) -> Result<Ended, CommandError> {
        let mut engine = self.context.engine_of(project).await?;
        let several = self.services.len() > 1;
        let cluster = request
            .environment
            .as_ref()
            .and_then(|environment| self.of_several(environment));
        let whom = several.then_some(request.service.as_str()).into_iter();
        let whom = whom.chain(cluster.map(EnvironmentName::as_str));
        engine.observer = Arc::new(Talker::of(self.context.ui, whom));
        let run = begin(&engine, request, self.stop.clone()).await?;
        carry_out(self.context, &engine, &run, request, Some(project)).await
    }

    /// One of the clusters of the environment that was asked for.
    fn of_several<'e>(&self, environment: &'e EnvironmentName) -> Option<&'e EnvironmentName> {
        Some(environment).filter(|environment| self.asked.environment.as_ref() != Some(environment))
    }

    fn note(
        &self,
        position: usize,
        environment: Option<&EnvironmentName>,
        ended: &Result<Ended, CommandError>,
    ) {
        if let Ok(Ended {
            package: Some(package),
            ..
        }) = ended
        {
            let identity = self.services[position].project.identity.clone();
            self.released.borrow_mut().insert(identity, *package);
        }
        let service = self.services[position].name().clone();
        let own = position + 1 == self.services.len();
        self.told
            .borrow_mut()
            .push(Told::new((service, own), environment, ended));
    }
}
