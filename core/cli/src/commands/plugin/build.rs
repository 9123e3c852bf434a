//! `slipway plugin build`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use slipway_authoring::Built;
use slipway_model::Digest;

use super::described::Described;
use crate::{commands::Done, context::Context, error::CommandError, plugins::Stock};

/// Build a plugin from its sources: a component beside them, which is loaded and describes itself
///
/// The compiler is chosen by what the folder holds. It tells on stderr how far it is.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Its project
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Also a native library for this machine beside it; it is not loaded, because the operator has to trust it first
    #[arg(long)]
    native: bool,
}

impl Build {
    pub(super) async fn run(self, context: &Context) -> Done {
        let native = match self.native {
            true => Some(library(self.folder.clone()).await?),
            false => None,
        };
        let Built { component, compiler } = built(self.folder).await?;
        let plugins = Described::all(&Stock::of_file(&component, context.operator.native())?).await?;
        let mut answer = json!({ "component": component, "compiler": compiler, "plugins": plugins });
        if let Some((file, digest)) = &native {
            answer["native"] = json!({ "library": file, "digest": digest });
        }
        context.ui.answer(&answer, || {
            let plugins = plugins.iter().map(|plugin| {
                let (kind, size) = (plugin.kind.name(), plugin.size.div_ceil(1024));
                let (name, version, digest) = (&plugin.name, &plugin.version, plugin.digest);
                format!("{kind} {name} {version}, {size} KiB, {digest}")
            });
            let plugins: Vec<_> = plugins.collect();
            let native = native.as_ref().map_or(String::new(), |(file, digest)| {
                let trust = format!("to load it, the operator's file says: [native] trust = [\"{digest}\"]");
                format!("\n{}\n{trust}", file.display())
            });
            format!("{}\n{}{native}", component.display(), plugins.join("\n"))
        });
        Ok(())
    }
}

async fn library(folder: PathBuf) -> Result<(PathBuf, Digest), CommandError> {
    let building = tokio::task::spawn_blocking(move || slipway_authoring::build_native(&folder));
    let Built { component: file, .. } = building.await.map_err(unexpected)?.map_err(failed)?;
    let bytes = std::fs::read(&file)
        .map_err(|error| CommandError::failed(format!("cannot read {}: {error}", file.display())))?;
    Ok((file, Digest::of(bytes)))
}

pub(super) async fn built(folder: PathBuf) -> Result<Built, CommandError> {
    let building = tokio::task::spawn_blocking(move || slipway_authoring::build(&folder));
    building.await.map_err(unexpected)?.map_err(failed)
}

fn unexpected(error: tokio::task::JoinError) -> CommandError {
    CommandError::failed(format!("the build ended unexpectedly: {error}"))
}

pub(super) fn failed(error: slipway_authoring::Error) -> CommandError {
    let source = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
    let hint = error.hint();
    let failed = CommandError::failed(format!("{error}{source}"));
    match hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}
