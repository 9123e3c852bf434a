//! `slipway cutover`.

use clap::Args;
use slipway_engine::Step;
use slipway_model::EnvironmentName;

use super::{
    Done,
    outside::Outside,
    turns::{Asked, Jobs, steps},
};
use crate::context::Context;

/// Test what was deployed, switch all users to it or go back, and archive everything
#[derive(Debug, Args)]
pub(crate) struct Cutover {
    /// One of the manifest's environments
    environment: EnvironmentName,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    outside: Outside,
}

impl Cutover {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let environment = Some(self.environment);
        steps(
            context,
            Asked {
                steps: vec![Step::Cutover],
                environment,
                jobs: self.jobs,
                outside_window: self.outside.reason,
                ..Asked::default()
            },
        )
        .await
    }
}
