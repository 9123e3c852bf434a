//! `slipway plugin`.

mod build;
mod described;
mod inspect;
mod list;
mod meant;
mod new;
mod test;

use clap::{Args, Subcommand};

use super::Done;
use crate::context::Context;

/// Look at the plugins that there are, also those that the manifest brings, and make your own
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    New(new::New),
    Build(build::Build),
    Test(test::Test),
    Inspect(inspect::Inspect),
    List(list::List),
}

impl Plugin {
    pub(crate) async fn run(self, context: &Context) -> Done {
        match self.what {
            What::New(new) => new.run(context),
            What::Build(build) => build.run(context).await,
            What::Test(test) => test.run(context).await,
            What::Inspect(inspect) => inspect.run(context).await,
            What::List(list) => list.run(context).await,
        }
    }
}
