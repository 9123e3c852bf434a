//! A plan with what it takes to make it again: said in words, written to a file with those that go before it, read back.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use slipway_engine::{Caller, Failed, Opening, Workspace, lock::Lock, project::Project, steps};
use slipway_model::{Digest, EnvironmentName, Plan, ServiceName};
use slipway_plugin::{Change, ChangeKind};

use super::Done;
use crate::{context::Context, error::CommandError};

/// Of everything that one `run` does, in the order in which it goes.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedRun {
    pub(super) plans: Vec<Saved>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    pub(super) plan: Plan,
    pub(super) set: Vec<(String, String)>,
    #[serde(default)]
    changes: Vec<Change>,
    /// Users are on this revision already, and nothing is missing of it.
    #[serde(default)]
    unchanged: bool,
    /// Whether it could be carried out when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
}

/// The plan of a package, or of what the service has released last. Looks only.
pub(super) async fn planned(
    context: &Context,
    (project, package): (&Project, Option<Digest>),
    environment: &EnvironmentName,
    set: Vec<(String, String)>,
) -> Result<Saved, CommandError> {
    let package = match package {
        Some(package) => Some(package),
        None => Lock::read(&Workspace::new(&project.root))?.package,
    };
    let package = package.ok_or_else(|| {
        let file = match &project.root {
            here if here == Path::new(".") => String::new(),
            root => format!(" --file {}", root.display()),
        };
        Failed::new("nothing is released yet").hint(format!("`slipway release{file}` touches no environment"))
    })?;
    let engine = context.engine_of(project).await?;
    let adaptation = steps::Adaptation {
        environment: environment.clone(),
        package,
        set,
    };
    let adapted = steps::generate(&engine, Caller::Look, project, &adaptation).await?;
    let planned = steps::plan(&engine, adapted.revision).await?;
    Ok(Saved {
        plan: planned.plan,
        set: adaptation.set,
        changes: planned.changes,
        unchanged: planned.unchanged,
        opening: project
            .manifest
            .environments
            .get(environment)
            .and_then(|written| Opening::at(engine.ambient.now(), written)),
    })
}

impl SavedRun {
    pub(super) fn read(file: &Path) -> Result<Self, CommandError> {
        let text = fs::read_to_string(file)
            .map_err(|error| CommandError::usage(format!("cannot read {}: {error}", file.display())))?;
        serde_json::from_str(&text)
            .map_err(|error| CommandError::usage(format!("{} is not a saved plan: {error}", file.display())))
    }

    pub(super) fn write(&self, out: &Path) -> Done {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| CommandError::failed(format!("cannot write the plan: {error}")))?;
        fs::write(out, text)
            .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", out.display())))
    }

    pub(super) fn of(&self, service: &ServiceName, environment: &EnvironmentName) -> Option<&Saved> {
        let is = |saved: &&Saved| saved.plan.service == *service && saved.plan.environment == *environment;
        self.plans.iter().find(is)
    }

    /// Refused as a whole unless it is about these and no others.
    pub(super) fn is_about(&self, wanted: &[(&ServiceName, &EnvironmentName)]) -> Done {
        let missing = wanted
            .iter()
            .filter(|(service, environment)| self.of(service, environment).is_none());
        let missing = missing.map(|(service, environment)| format!("no plan for {service} in {environment}"));
        let is_wanted = |saved: &&Saved| wanted.contains(&(&saved.plan.service, &saved.plan.environment));
        let others = self.plans.iter().filter(|saved| !is_wanted(saved)).map(|saved| {
            let Plan {
                service, environment, ..
            } = &saved.plan;
            format!("a plan for {service} in {environment}")
        });
        let wrong: Vec<_> = missing.chain(others).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let text = format!(
            "the saved plan is about something else: it has {}",
            wrong.join(", ")
        );
        Err(CommandError::usage(text).hint("`slipway plan ENVIRONMENT --out FILE` makes a new one"))
    }
}

impl Saved {
    pub(super) fn words(&self) -> String {
        let plan = &self.plan;
        if self.unchanged {
            let (version, revision) = (&plan.new.version, plan.new.revision.short());
            let (service, environment) = (&plan.service, &plan.environment);
            return format!(
                "{service} in {environment}: {version} ({revision}) is there, and nothing changes\n{}",
                self.time()
            );
        }
        let from = plan.old.as_ref().map_or("nothing".to_owned(), |old| {
            format!("{} ({})", old.version, old.revision.short())
        });
        let (version, revision) = (&plan.new.version, plan.new.revision.short());
        let mut text = format!(
            "{} in {}: {from} -> {version} ({revision}), strategy {}\n",
            plan.service, plan.environment, plan.strategy
        );
        for (step, actions) in [("deploy", &plan.deploy), ("cutover", &plan.cutover)] {
            text.push_str(&format!("{step}\n"));
            for (position, action) in actions.iter().enumerate() {
                text.push_str(&format!("  {}. {action}\n", position + 1));
            }
        }
        if !self.changes.is_empty() {
            text.push_str("at the target\n");
            let (kept, changed): (Vec<_>, Vec<_>) = self
                .changes
                .iter()
                .partition(|change| change.kind == ChangeKind::Keep);
            for change in changed {
                text.push_str(&format!(
                    "  {} {}: {}\n",
                    sign(change),
                    change.subject,
                    change.detail
                ));
            }
            if !kept.is_empty() {
                let subjects: Vec<_> = kept.iter().map(|change| change.subject.as_str()).collect();
                text.push_str(&format!(
                    "  = {} unchanged: {}\n",
                    kept.len(),
                    shortened(&subjects)
                ));
            }
        }
        for note in &plan.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text + &self.time()
    }

    fn time(&self) -> String {
        let opening = self.opening.as_ref();
        opening.map_or_else(String::new, |opening| {
            format!("{}: {opening}\n", self.plan.environment)
        })
    }
}

fn sign(change: &Change) -> char {
    match change.kind {
        ChangeKind::Create => '+',
        ChangeKind::Keep => '=',
        ChangeKind::Replace => '~',
        ChangeKind::Remove => '-',
    }
}

/// The first few of many.
fn shortened(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => format!("{}, ...", first.join(", ")),
        _ => names.join(", "),
    }
}
