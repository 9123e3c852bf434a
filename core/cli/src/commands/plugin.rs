//! `slipway plugin`.

mod described;
mod inspect;
mod list;

use clap::{Args, Subcommand};

use super::Done;
use crate::context::Context;

/// Look at the plugins that there are, also those that the manifest brings
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(list::List),
    Inspect(inspect::Inspect),
}

impl Plugin {
    pub(crate) async fn run(self, context: &Context) -> Done {
        match self.what {
            What::List(list) => list.run(context).await,
            What::Inspect(inspect) => inspect.run(context).await,
        }
    }
}
