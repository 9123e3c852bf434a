//! The verbs of the contract, and the only place that calls the host.

use serde_json::Value;
use slipway_sdk::{About, Artifact, Failure, Format, Inspection, RenderInput, Rendered, blobs};

use super::{
    inspect::{Facts, inspect},
    render::{render, show},
    sources::{archive, single},
};
use crate::Files;

/// The plugin.
pub struct Kubernetes;

impl Format for Kubernetes {
    const ABOUT: About = About {
        name: "kubernetes",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Kubernetes manifests, plain or made by kustomizations.",
        settings_schema: include_str!("settings.schema.json"),
    };
    type Settings = Value;
    type Facts = Facts;

    fn inspect(artifact: &Artifact) -> Result<Inspection<Facts>, Failure> {
        inspect(&files(&artifact.blob)?, &artifact.settings)
            .map_err(|failure| failure.while_doing(&format!("artifact `{}`", artifact.name)))
    }

    fn render(input: RenderInput<Value, Facts>) -> Result<Rendered, Failure> {
        render(&files(&input.blob)?, input)
    }

    fn show(input: RenderInput<Value, Facts>) -> Result<Vec<u8>, Failure> {
        show(&files(&input.blob)?, input)
    }
}

// The names of the exports are none for the linkers of machines, which build the library for tests.
#[cfg(target_family = "wasm")]
slipway_sdk::export_format!(Kubernetes);

/// An archive of files, or one manifest alone.
fn files(blob: &str) -> Result<Files, Failure> {
    match blobs::files(blob) {
        Ok(files) => archive(files),
        Err(no_archive) => blobs::read(blob).ok().and_then(single).ok_or(no_archive),
    }
}
