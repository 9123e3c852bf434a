//! `slipway adopt`.

use clap::Args;
use slipway_engine::Step;
use slipway_model::EnvironmentName;

use super::{
    Done,
    outside::Outside,
    running::assignment,
    turns::{Asked, steps},
};
use crate::context::Context;

/// Take over what others have deployed, as it runs: nothing is restarted
///
/// Releases and adapts as `slipway run` does, and holds the outcome against what runs at the target, such as what kubectl
/// or Helm has deployed. If nothing would have to change, it is what the environment has from then on: the next `slipway
/// run` changes it, and `slipway rollback` goes back to it. Otherwise nothing is taken over, and what differs is said.
#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// Change what differs, which may restart what runs
    #[arg(long)]
    allow_changes: bool,
    /// The version to release, instead of the manifest's
    #[arg(long)]
    version: Option<String>,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    outside: Outside,
}

impl Adopt {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let adopt = Step::Adopt {
            changes: self.allow_changes,
        };
        let asked = Asked {
            steps: vec![Step::Release, Step::Adapt, adopt],
            environment: Some(self.environment),
            version: self.version,
            set: self.set,
            outside_window: self.outside.reason,
            ..Asked::default()
        };
        steps(context, asked).await
    }
}
