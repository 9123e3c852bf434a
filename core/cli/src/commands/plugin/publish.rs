//! `slipway plugin publish`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use slipway_authoring::component_of_rust;
use slipway_model::Digest;
use slipway_registry::{ManifestBuilder, Repository, Tag, media};

use super::{
    build::{built, failed},
    described::Described,
};
use crate::{
    commands::{Done, place::Place},
    context::Context,
    error::CommandError,
    plugins::Stock,
};

/// Put a plugin into a registry, where manifests take it from
///
/// As the WebAssembly community keeps components in registries, so that other tools can fetch it too. The same component gives
/// the same digest. To sign it, sign that digest with cosign.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// Its project, which is built first, or a WebAssembly file
    #[arg(value_name = "FOLDER|FILE")]
    plugin: PathBuf,
    /// `oci://host/repository[:tag]` or `folder#repository[:tag]`; without a tag it gets the plugin's version
    to: String,
}

const CONFIG: &str = "application/vnd.wasm.config.v0+json";

impl Publish {
    pub(super) async fn run(self, context: &Context) -> Done {
        let file = match self.plugin.is_dir() {
            true => built(self.plugin).await?.component,
            false => self.plugin,
        };
        let mut plugins = Described::all(&Stock::of_file(&file, context.operator.native())?).await?;
        let Some(plugin) = plugins.pop() else {
            return Err(CommandError::usage(format!("{} is no plugin", file.display())));
        };
        let client = context.registries()?;
        let version = plugin.version.replace('+', "-").parse::<Tag>().ok();
        let Place::Registry(to, Some(tag), None) = Place::parse(&self.to, version.as_ref(), &client)? else {
            let text = format!("`{}` is no place for a plugin", self.to);
            return Err(CommandError::usage(text)
                .hint("it is written `oci://host/repository:tag` or `folder#repository:tag`"));
        };
        let wasm = component(&file)?;
        let digest = push(&to, &tag, wasm, &plugin).await?;
        let place = to.to_string();
        let sign = match place.strip_prefix("oci://") {
            Some(place) => format!("\nto sign it: cosign sign --key KEY {place}@{digest}"),
            None => String::new(),
        };
        let document = json!({ "digest": digest, "to": self.to, "tag": tag.as_str(), "plugin": plugin });
        context.ui.answer(&document, || {
            let Described { name, version, .. } = &plugin;
            format!("{digest}\n{name} {version} as {place}:{}{sign}", tag.as_str())
        });
        Ok(())
    }
}

/// What everybody can load; a core module that carries its contract becomes it.
fn component(file: &Path) -> Result<Vec<u8>, CommandError> {
    let bytes = fs::read(file)
        .map_err(|error| CommandError::failed(format!("cannot read {}: {error}", file.display())))?;
    match bytes.get(4..8) {
        Some([_, 0, 1, 0]) => Ok(bytes),
        _ => component_of_rust(&bytes).map_err(failed),
    }
}

async fn push(to: &Repository, tag: &Tag, wasm: Vec<u8>, plugin: &Described) -> Result<Digest, CommandError> {
    let layer = to.push_bytes(media::WASM, wasm).await?;
    let interface = |name: &str| format!("slipway:plugin/{name}@{}", plugin.contract);
    let imports: Vec<_> = plugin.imports.iter().map(|name| interface(name)).collect();
    let config = json!({
        // The same component is the same artifact.
        "created": "1970-01-01T00:00:00Z",
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer.digest],
        "component": { "exports": [interface(plugin.kind.name())], "imports": imports },
    });
    let config = to.push_bytes(CONFIG, config.to_string()).await?;
    let manifest = ManifestBuilder::new(CONFIG, config)
        .layer(layer)
        .annotation("org.opencontainers.image.title", &plugin.name)
        .annotation("org.opencontainers.image.version", &plugin.version)
        .annotation("org.opencontainers.image.description", &plugin.summary);
    Ok(to.put_manifest(Some(tag), manifest.bytes()).await?.digest)
}
