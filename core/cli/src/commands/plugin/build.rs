//! `slipway plugin build`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use slipway_authoring::Built;

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
}

impl Build {
    pub(super) async fn run(self, context: &Context) -> Done {
        let Built { component, compiler } = built(self.folder).await?;
        let plugins = Described::all(&Stock::of_file(&component)?).await?;
        let answer = json!({ "component": component, "compiler": compiler, "plugins": plugins });
        context.ui.answer(&answer, || {
            let plugins = plugins.iter().map(|plugin| {
                let (kind, size) = (plugin.kind.name(), plugin.size.div_ceil(1024));
                let (name, version, digest) = (&plugin.name, &plugin.version, plugin.digest);
                format!("{kind} {name} {version}, {size} KiB, {digest}")
            });
            let plugins: Vec<_> = plugins.collect();
            format!("{}\n{}", component.display(), plugins.join("\n"))
        });
        Ok(())
    }
}

pub(super) async fn built(folder: PathBuf) -> Result<Built, CommandError> {
    let building = tokio::task::spawn_blocking(move || slipway_authoring::build(&folder));
    let built = building
        .await
        .map_err(|error| CommandError::failed(format!("the build ended unexpectedly: {error}")))?;
    built.map_err(failed)
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
