//! `slipway plan`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use slipway_engine::{Caller, Failed, lock::Lock, steps};
use slipway_model::EnvironmentName;
use slipway_plugin::Change;

use super::{Done, running::assignment};
use crate::{context::Context, error::CommandError};

/// Say what `run` would do, without doing it
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Save the plan, for `slipway run --plan`
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
        let project = context.project().await?;
        let engine = context.engine_of(&project).await?;
        let package = Lock::read(&engine.workspace)?.package.ok_or_else(|| {
            Failed::new("nothing is released yet").hint("`slipway release` touches no environment")
        })?;
        let Self {
            environment,
            set,
            out,
        } = self;
        let adaptation = steps::Adaptation {
            environment,
            package,
            set: set.clone(),
        };
        let adapted = steps::generate(&engine, Caller::Look, &project, &adaptation).await?;
        let planned = steps::plan(&engine, adapted.revision).await?;
        let saved = Saved {
            plan: planned.plan,
            set,
            changes: planned.changes,
        };
        if let Some(out) = out {
            let text = serde_json::to_string_pretty(&saved)
                .map_err(|error| CommandError::failed(format!("cannot write the plan: {error}")))?;
            fs::write(&out, text)
                .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", out.display())))?;
            context.ui.say(&format!(
                "saved; `slipway run {} --plan {}` applies it",
                adaptation.environment,
                out.display()
            ));
        }
        context.ui.answer(&saved, || words(&saved));
        Ok(())
    }
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

fn words(saved: &Saved) -> String {
    let plan = &saved.plan;
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
    if !saved.changes.is_empty() {
        text.push_str("at the target\n");
        for change in &saved.changes {
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

fn sign(change: &Change) -> char {
    match change.kind {
        slipway_plugin::ChangeKind::Create => '+',
        slipway_plugin::ChangeKind::Keep => '=',
        slipway_plugin::ChangeKind::Replace => '~',
        slipway_plugin::ChangeKind::Remove => '-',
    }
}
