//! `slipway history`.

use clap::Args;
use serde_json::json;
use slipway_journal::RunFilter;
use slipway_model::EnvironmentName;

use super::{Done, runs};
use crate::context::Context;

/// List runs, the newest first
#[derive(Debug, Args)]
pub(crate) struct History {
    /// Only those of this environment
    environment: Option<EnvironmentName>,
    /// At most so many; 0 for all
    #[arg(long, short = 'n', default_value_t = 20)]
    limit: u32,
}

impl History {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let store = context.ledger(&context.workspace()).await?;
        let limit = Some(self.limit).filter(|limit| *limit > 0);
        let filter = RunFilter {
            environment: self.environment,
            limit,
            ..RunFilter::default()
        };
        let runs = runs::lines(&store.runs(filter).await?);
        context
            .ui
            .answer(&json!({ "runs": runs }), || slipway_report::history(&runs));
        Ok(())
    }
}
