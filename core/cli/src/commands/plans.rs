//! `slipway plan` over several services: one plan each, in the order of their dependencies, and all that stands in the
//! way of the others at once.

use serde::Serialize;
use slipway_engine::{dependencies::Look, project::Project};
use slipway_model::{Diagnostic, Digest, EnvironmentName, ServiceName};
use std::{
    collections::BTreeSet,
    mem,
    path::{Path, PathBuf},
};

use super::{
    Done,
    running::known_everywhere,
    saved_plan::{SavedRun, planned},
    services::{Service, services},
    units::{Unit, units},
};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind, Problems},
};

#[derive(Serialize)]
struct Plans<'a> {
    environment: &'a EnvironmentName,
    #[serde(flatten)]
    saved: SavedRun,
    /// Those of them that have one verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    together: Vec<Vec<ServiceName>>,
    /// Those that do not have the environment.
    skipped: Vec<Named>,
    failed: Vec<Unplanned>,
}

#[derive(Serialize)]
struct Named {
    service: ServiceName,
    file: PathBuf,
}

#[derive(Serialize)]
struct Unplanned {
    #[serde(flatten)]
    named: Named,
    message: String,
    hints: Vec<String>,
    #[serde(skip)]
    kind: ErrorKind,
    /// What is wrong with what people wrote.
    diagnostics: Vec<Diagnostic>,
}

/// What `run` does: the service and all that it depends on.
pub(super) async fn whole(
    context: &Context,
    environment: EnvironmentName,
    mut set: Vec<(String, String)>,
    out: Option<&Path>,
) -> Done {
    let projects = context.projects().await?;
    known_everywhere(&projects, &environment)?;
    let services = services(context, projects, Look::AsReleased).await?;
    // What cannot go in any order is told here as well.
    let (units, _) = units(&services)?;
    if let [Service { project, package, .. }] = &services[..]
        && let [only] = project.manifest.environments_of(&environment)[..]
    {
        let saved = SavedRun {
            plans: vec![planned(context, (project, *package), only, set).await?],
        };
        save(context, &environment, &saved, out)?;
        saved
            .plans
            .iter()
            .for_each(|only| context.ui.answer(only, || only.words()));
        return Ok(());
    }
    let mut plans = Plans::of(&environment);
    let mut problems = Problems::default();
    let last = services.len().saturating_sub(1);
    for (position, service) in services.iter().enumerate() {
        let set = if position == last {
            mem::take(&mut set)
        } else {
            Vec::new()
        };
        let of = (&service.project, service.package);
        plans.plan(context, of, set, &mut problems).await;
    }
    let groups = units.iter().filter(|unit| unit.services.len() > 1);
    let names = |unit: &Unit| {
        unit.services
            .iter()
            .map(|position| services[*position].name().clone())
            .collect()
    };
    plans.together = groups.map(names).collect();
    if plans.failed.is_empty() {
        save(context, &environment, &plans.saved, out)?;
    }
    context.ui.answer(&plans, || plans.words());
    plans.failure(problems)
}

fn save(context: &Context, environment: &EnvironmentName, plans: &SavedRun, out: Option<&Path>) -> Done {
    let Some(out) = out else {
        return Ok(());
    };
    plans.write(out)?;
    context.ui.say(&format!(
        "saved; `slipway run {environment} --plan {}` applies it",
        out.display()
    ));
    Ok(())
}

/// Only the services that are named: those that they depend on are read, and planned if they are named too.
pub(super) async fn many(context: &Context, environment: &EnvironmentName, paths: &[PathBuf]) -> Done {
    let checked = context.sound(paths).await?;
    let asked = |project: &Project| checked.asked.contains(&project.identity);
    let projects: Vec<_> = checked.projects.into_iter().filter(asked).collect();
    known_somewhere(&projects, environment)?;
    let mut plans = Plans::of(environment);
    let mut problems = Problems::default();
    for project in &projects {
        plans
            .plan(context, (project, None), Vec::new(), &mut problems)
            .await;
    }
    context.ui.answer(&plans, || plans.words());
    plans.failure(problems)
}

/// Whoever leaves a service out does so in all manifests but some; in none of them it is a mistake.
fn known_somewhere(projects: &[Project], environment: &EnvironmentName) -> Done {
    let names = || {
        projects
            .iter()
            .map(|project| &project.manifest)
            .flat_map(|manifest| manifest.clusters.keys().chain(manifest.environments.keys()))
    };
    if names().any(|name| name == environment) {
        return Ok(());
    }
    let known: BTreeSet<_> = names().map(EnvironmentName::as_str).collect();
    let known: Vec<_> = known.into_iter().collect();
    let text = match projects {
        [project] => format!("{} has no environment `{environment}`", project.file.display()),
        many => format!(
            "none of {} services has an environment `{environment}`",
            many.len()
        ),
    };
    Err(CommandError::usage(text).hint(format!("there are: {}", known.join(", "))))
}

impl Unplanned {
    /// What people wrote is shown in its text, which goes to `problems`.
    fn new(named: Named, error: CommandError, problems: &mut Problems) -> Self {
        let diagnostics = error.problems.diagnostics.clone();
        problems.extend(error.problems);
        Self {
            named,
            message: error.message,
            hints: error.hints,
            kind: error.kind,
            diagnostics,
        }
    }
}

impl<'a> Plans<'a> {
    fn of(environment: &'a EnvironmentName) -> Self {
        Self {
            environment,
            saved: SavedRun::default(),
            together: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// One for each cluster of the environment.
    async fn plan(
        &mut self,
        context: &Context,
        (project, package): (&Project, Option<Digest>),
        set: Vec<(String, String)>,
        problems: &mut Problems,
    ) {
        let named = || Named {
            service: project.manifest.service.name.clone(),
            file: project.file.clone(),
        };
        let environments = project.manifest.environments_of(self.environment);
        if environments.is_empty() {
            self.skipped.push(named());
        }
        for environment in environments {
            match planned(context, (project, package), environment, set.clone()).await {
                Ok(saved) => self.saved.plans.push(saved),
                Err(error) => self.failed.push(Unplanned::new(named(), error, problems)),
            }
        }
    }

    fn words(&self) -> String {
        let mut text = String::new();
        for saved in &self.saved.plans {
            text.push_str(&saved.words());
            text.push('\n');
        }
        for together in &self.together {
            let names: Vec<_> = together.iter().map(ServiceName::as_str).collect();
            text.push_str(&format!("one verdict and one way back: {}\n", names.join(", ")));
        }
        for Named { service, file } in &self.skipped {
            text.push_str(&format!(
                "{service}: skipped, {} has no such environment\n",
                file.display()
            ));
        }
        let counts = [
            (self.saved.plans.len(), "planned"),
            (self.skipped.len(), "skipped"),
            (self.failed.len(), "cannot be planned"),
        ];
        let counts = counts.into_iter().enumerate();
        let said = counts.filter(|(position, (count, _))| *position == 0 || *count > 0);
        let said: Vec<_> = said.map(|(_, (count, what))| format!("{count} {what}")).collect();
        text.push_str(&format!("{}: {}\n", self.environment, said.join(", ")));
        text
    }

    fn failure(self, mut problems: Problems) -> Done {
        let Some(first) = self.failed.first() else {
            return Ok(());
        };
        let same = self.failed.iter().all(|failed| failed.kind == first.kind);
        let kind = if same { first.kind } else { ErrorKind::Failed };
        let services = self.saved.plans.len() + self.failed.len();
        let text = format!(
            "{} of {services} services cannot be planned for {}",
            self.failed.len(),
            self.environment
        );
        let told = self.failed.into_iter().map(|failed| {
            let Named { service, file } = failed.named;
            let text = format!("{service} ({}): {}", file.display(), failed.message);
            let told = Diagnostic::error("not-planned", text);
            failed.hints.iter().fold(told, |told, hint| told.help(hint))
        });
        problems.diagnostics.extend(told);
        Err(CommandError {
            problems,
            ..CommandError::new(kind, text)
        })
    }
}
