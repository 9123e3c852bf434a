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
