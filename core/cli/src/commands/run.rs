//! `slipway run`.

use std::path::PathBuf;

use clap::Args;
use slipway_engine::Step;
use slipway_model::EnvironmentName;

use super::{
    Done,
    outside::Outside,
    running::assignment,
    saved_plan::SavedRun,
    turns::{Asked, Jobs, steps},
};
use crate::context::Context;

/// All four steps: release, adapt, deploy, cutover
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// The version to release, instead of the manifest's
    #[arg(long)]
    version: Option<String>,
    /// Look every reference up again, even if it has moved since deploy.lock was written
    #[arg(long)]
    update: bool,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Apply a plan that `slipway plan --out` has saved, or nothing if what it was made on has changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["version", "update", "set"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    outside: Outside,
}

impl Run {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            environment,
            version,
            update,
            set,
            plan,
            jobs,
            outside,
        } = self;
        let outside_window = outside.reason;
        let asked = match plan {
            None => {
                let steps = vec![Step::Release, Step::Adapt, Step::Deploy, Step::Cutover];
                Asked {
                    steps,
                    environment: Some(environment),
                    version,
                    update,
                    set,
                    expected: None,
                    jobs,
                    outside_window,
                }
            }
            Some(file) => {
                let steps = vec![Step::Adapt, Step::Deploy, Step::Cutover];
                Asked {
                    steps,
                    environment: Some(environment),
                    expected: Some(SavedRun::read(&file)?),
                    jobs,
                    outside_window,
                    ..Asked::default()
                }
            }
        };
        steps(context, asked).await
    }
}
