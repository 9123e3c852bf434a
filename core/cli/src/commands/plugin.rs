//! `slipway plugin`.

mod add;
mod bench;
mod build;
mod described;
mod doctor;
mod grant;
mod inspect;
mod list;
mod manifest;
mod meant;
mod new;
mod publish;
mod remove;
mod test;
mod update;
mod watch;

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
    Publish(publish::Publish),
    Inspect(inspect::Inspect),
    Add(add::Add),
    Grant(grant::GrantAll),
    Update(update::Update),
    Remove(remove::Remove),
    List(list::List),
    Bench(bench::Bench),
    Doctor(doctor::Doctor),
}

impl Plugin {
    pub(crate) async fn run(self, context: &Context) -> Done {
        match self.what {
            What::New(new) => new.run(context),
            What::Build(build) => build.run(context).await,
            What::Test(test) => test.run(context).await,
            What::Publish(publish) => publish.run(context).await,
            What::Inspect(inspect) => inspect.run(context).await,
            What::Add(add) => add.run(context).await,
            What::Grant(grant) => grant.run(context).await,
            What::Update(update) => update.run(context).await,
            What::Remove(remove) => remove.run(context),
            What::List(list) => list.run(context).await,
            What::Bench(bench) => bench.run(context).await,
            What::Doctor(doctor) => doctor.run(context),
        }
    }
}
