//! `slipway adapt`.

use clap::Args;
use slipway_engine::Step;
use slipway_model::EnvironmentName;

use super::{
    Done,
    running::{Asked, assignment, steps},
};
use crate::context::Context;

/// Generate the final configuration of one environment into deployment/
#[derive(Debug, Args)]
pub(crate) struct Adapt {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

impl Adapt {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { environment, set } = self;
        let environment = Some(environment);
        steps(
            context,
            Asked {
                steps: vec![Step::Adapt],
                environment,
                set,
                ..Asked::default()
            },
        )
        .await
    }
}
