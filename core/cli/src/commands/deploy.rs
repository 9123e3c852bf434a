//! `slipway deploy`.

use clap::Args;
use slipway_engine::Step;
use slipway_model::EnvironmentName;

use super::{
    Done,
    outside::Outside,
    turns::{Asked, Jobs, steps},
};
use crate::context::Context;

/// Roll out what was adapted, as far as the strategy goes without its cutover
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// One of the manifest's environments
    environment: EnvironmentName,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    outside: Outside,
}

impl Deploy {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let environment = Some(self.environment);
        steps(
            context,
            Asked {
                steps: vec![Step::Deploy],
                environment,
                jobs: self.jobs,
                outside_window: self.outside.reason,
                ..Asked::default()
            },
        )
        .await
    }
}
