//! `slipway plan`.

use std::path::PathBuf;

use clap::Args;
use slipway_model::EnvironmentName;

use super::{
    Done,
    manifests::Manifests,
    plans::{many, whole},
    running::assignment,
};
use crate::{context::Context, error::CommandError};

/// Say what `run` would do, without doing it
///
/// For a service that depends on others, what `run` would do with all of them, in the order in which they go.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// One of the manifests' environments
    environment: EnvironmentName,
    #[command(flatten)]
    manifests: Manifests,
    /// Set a parameter, above every other value; of the service that `--file` names
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Save the plan of the service that `--file` names, with all that it depends on, for `slipway run --plan`
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
            return whole(context, environment, set, out.as_deref()).await;
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
