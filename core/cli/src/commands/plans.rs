//! `slipway plan` over many services: one plan each, in the order of their dependencies, and all that stands in the way
//! of the others at once.

use serde::Serialize;
use slipway_engine::project::Project;
use slipway_model::{Diagnostic, EnvironmentName, ServiceName};
use std::{collections::BTreeSet, path::PathBuf};

use super::{
    Done,
    saved_plan::{Saved, planned},
};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind, Problems},
};

#[derive(Serialize)]
struct Plans<'a> {
    environment: &'a EnvironmentName,
    plans: Vec<Saved>,
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

/// Only the services that are named: those that they depend on are read, and planned if they are named too.
pub(super) async fn many(context: &Context, environment: &EnvironmentName, paths: &[PathBuf]) -> Done {
    let checked = context.sound(paths).await?;
    let asked = |project: &Project| checked.asked.contains(&project.identity);
    let projects: Vec<_> = checked.projects.into_iter().filter(asked).collect();
    known_somewhere(&projects, environment)?;
    let mut answer = Plans {
        environment,
        plans: Vec::new(),
        skipped: Vec::new(),
        failed: Vec::new(),
    };
    let mut problems = Problems::default();
    for project in projects {
        let named = || Named {
            service: project.manifest.service.name.clone(),
            file: project.file.clone(),
        };
        let environments = project.manifest.environments_of(environment);
        if environments.is_empty() {
            answer.skipped.push(named());
        }
        for environment in environments {
            match planned(context, &project, environment, Vec::new()).await {
                Ok(saved) => answer.plans.push(saved),
                Err(error) => answer.failed.push(Unplanned::new(named(), error, &mut problems)),
            }
        }
    }
    context.ui.answer(&answer, || answer.words());
    answer.failure(problems)
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

impl Plans<'_> {
    fn words(&self) -> String {
        let mut text = String::new();
        for saved in &self.plans {
            text.push_str(&saved.words());
            text.push('\n');
        }
        for Named { service, file } in &self.skipped {
            text.push_str(&format!(
                "{service}: skipped, {} has no such environment\n",
                file.display()
            ));
        }
        let counts = [
            (self.plans.len(), "planned"),
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
        let services = self.plans.len() + self.failed.len();
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
