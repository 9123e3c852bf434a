//! `slipway report`.

use clap::Args;

use super::{Done, recorded::Recorded};
use crate::{
    context::Context,
    reports::{Kind, account},
};

/// Show what runs came to as other programs read it: a CI system, or tools of delivery
///
/// It is read from the ledger alone, of a run that has ended or of one that is under way. `--report KIND=FILE` of every other
/// command, or `SLIPWAY_REPORT=KIND=FILE,...`, writes the same when a run ends.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Each by the beginning of its id, or the last one of an environment; or `archive:ENTRY`
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// As what
    #[arg(long = "as", value_enum, value_name = "KIND", default_value_t = Kind::Junit)]
    kind: Kind,
}

impl Report {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let mut accounts = Vec::new();
        for wanted in &self.runs {
            let Recorded { run, store, .. } = &Recorded::find(context, wanted).await?;
            accounts.push(account(store, &run.id).await?);
        }
        context.ui.raw(self.kind.write(&accounts)?.as_bytes());
        Ok(())
    }
}
