//! `slipway plan`.

use std::path::PathBuf;

use clap::Args;
use slipway_model::EnvironmentName;

use super::{Done, manifests::Manifests, plans::many, running::assignment, saved_plan::planned};
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

impl Plan {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            environment,
            manifests,
            set,
            out,
        } = self;
        let project = match manifests.named() {
            true => None,
            false => Some(context.project().await?),
        };
        let clusters = project
            .as_ref()
            .and_then(|project| project.manifest.clusters.get(&environment));
        if let (Some(project), None) = (&project, clusters) {
            let saved = planned(context, project, &environment, set).await?;
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
                let (text, one) = match clusters {
                    Some(clusters) => {
                        let first = clusters.environments.first().unwrap_or(&environment);
                        (format!("{option} is about one cluster of {environment}"), first)
                    }
                    None => (
                        format!("{option} is about one service, and `--file` names it"),
                        &environment,
                    ),
                };
                return Err(
                    CommandError::usage(text).hint(format!("slipway plan {one} --file PATH {option} ..."))
                );
            }
        }
        match &project {
            Some(project) => many(context, &environment, std::slice::from_ref(&project.file)).await,
            None => many(context, &environment, &manifests.find(context)?).await,
        }
    }
}
