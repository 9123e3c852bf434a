//! `slipway release`.

use std::path::{Path, PathBuf};

use clap::Args;
use slipway_engine::{Step, bundle};

use super::{
    Done,
    turns::{Asked, Jobs, steps},
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
    /// Write the package with all that it needs into one file as well, for a site without a network
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Take the package out of such a file instead of making one: nothing else has to be reachable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["version", "update", "bundle"])]
    from_bundle: Option<PathBuf>,
    #[command(flatten)]
    jobs: Jobs,
}

impl Release {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            version,
            update,
            bundle,
            from_bundle,
            jobs,
        } = self;
        if let Some(file) = from_bundle {
            return bring(context, &file).await;
        }
        steps(
            context,
            Asked {
                steps: vec![Step::Release],
                version,
                update,
                jobs,
                ..Asked::default()
            },
        )
        .await?;
        let Some(file) = bundle else { return Ok(()) };
        let project = context.project().await?;
        bundle::write(&project, &context.registries()?, &file, context.progress()).await?;
        context.ui.say(&format!("bundled into {}", file.display()));
        Ok(())
    }
}

async fn bring(context: &Context, file: &Path) -> Done {
    let project = context.project().await?;
    let progress = context.progress();
    let (client, trust) = (context.registries()?, context.trust()?);
    let released = bundle::read(&project, (&client, trust.as_deref()), file, progress).await?;
    let service = &project.manifest.service.name;
    context.ui.answer(&released, || {
        format!("{service} {} is package {}\n", released.version, released.package)
    });
    Ok(())
}
