//! `slipway plan`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use slipway_engine::{Caller, Failed, Workspace, lock::Lock, project::Project, steps};
use slipway_model::EnvironmentName;
use slipway_plugin::Change;

use super::{Done, manifests::Manifests, plans::many, running::assignment};
use crate::{context::Context, error::CommandError};

/// Say what `run` would do, without doing it
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// One of the manifests' environments
    environment: EnvironmentName,
    #[command(flatten)]
    manifests: Manifests,
    /// Set a parameter, above every other value; for one service only
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Save the plan, for `slipway run --plan`; for one service only
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What is saved: the plan, and what it takes to make it again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    pub(super) plan: slipway_model::Plan,
    pub(super) set: Vec<(String, String)>,
    #[serde(default)]
    changes: Vec<Change>,
}

impl Plan {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            environment,
            manifests,
            set,
            out,
        } = self;
        if !manifests.named() {
            let saved = planned(context, &context.project().await?, &environment, set).await?;
            if let Some(out) = out {
                saved.write(&out)?;
                context.ui.say(&format!(
                    "saved; `slipway run {environment} --plan {}` applies it",
                    out.display()
                ));
            }
            context.ui.answer(&saved, || saved.words());
            return Ok(());
        }
        for (option, given) in [("--out", out.is_some()), ("--set", !set.is_empty())] {
            if given {
                let text = format!("{option} is about one service, and `--file` names it");
                return Err(CommandError::usage(text)
                    .hint(format!("slipway plan {environment} --file PATH {option} ...")));
            }
        }
        many(context, &environment, &manifests.find(context)?).await
    }
}

/// The plan of what the service has released last. Looks only.
pub(super) async fn planned(
    context: &Context,
    project: &Project,
    environment: &EnvironmentName,
    set: Vec<(String, String)>,
) -> Result<Saved, CommandError> {
    let package = Lock::read(&Workspace::new(&project.root))?.package;
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
    })
}

/// A plan from a file, for this environment.
pub(super) fn saved(file: &Path, environment: &EnvironmentName) -> Result<Saved, CommandError> {
    let text = fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("cannot read {}: {error}", file.display())))?;
    let saved: Saved = serde_json::from_str(&text)
        .map_err(|error| CommandError::usage(format!("{} is not a saved plan: {error}", file.display())))?;
    if saved.plan.environment != *environment {
        let text = format!(
            "{} is a plan for {}, not for {environment}",
            file.display(),
            saved.plan.environment
        );
        return Err(CommandError::usage(text));
    }
    Ok(saved)
}

impl Saved {
    fn write(&self, out: &Path) -> Done {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| CommandError::failed(format!("cannot write the plan: {error}")))?;
        fs::write(out, text)
            .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", out.display())))
    }

    pub(super) fn words(&self) -> String {
        let plan = &self.plan;
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
            for change in &self.changes {
                text.push_str(&format!(
                    "  {} {}: {}\n",
                    sign(change),
                    change.subject,
                    change.detail
                ));
            }
        }
        for note in &plan.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}

fn sign(change: &Change) -> char {
    match change.kind {
        slipway_plugin::ChangeKind::Create => '+',
        slipway_plugin::ChangeKind::Keep => '=',
        slipway_plugin::ChangeKind::Replace => '~',
        slipway_plugin::ChangeKind::Remove => '-',
    }
}
