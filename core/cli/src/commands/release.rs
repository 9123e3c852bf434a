//! `slipway release`.

use clap::Args;
use slipway_engine::Step;

use super::{
    Done,
    running::{Asked, steps},
};
use crate::context::Context;

/// Put artifacts and configuration into the deployment registry and make one package of them
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The version to release, instead of the manifest's
    #[arg(long)]
    version: Option<String>,
    /// Look every reference up again, even if it has moved since deploy.lock was written
    #[arg(long)]
    update: bool,
}

impl Release {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { version, update } = self;
        steps(
            context,
            Asked {
                steps: vec![Step::Release],
                version,
                update,
                ..Asked::default()
            },
        )
        .await
    }
}
