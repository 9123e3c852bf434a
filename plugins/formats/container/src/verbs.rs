//! The verbs of the contract, and the only place that calls the host.

use serde::Deserialize;
use slipway_sdk::{About, Artifact, Failure, Format, Inspection, RenderInput, Rendered, blobs};

use crate::image::Image;

struct Container;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

impl Format for Container {
    const ABOUT: About = About {
        name: "container",
        version: env!("CARGO_PKG_VERSION"),
        summary: "An OCI image, which Kubernetes manifests name by the artifact's name.",
        settings_schema: include_str!("settings.schema.json"),
    };
    type Settings = Settings;
    type Facts = Image;

    fn inspect(artifact: &Artifact) -> Result<Inspection<Image>, Failure> {
        let image = Image::read(&blobs::read(&artifact.blob)?)
            .map_err(|failure| failure.while_doing(&format!("artifact `{}`", artifact.name)))?;
        Ok(Inspection {
            summary: image.summary(),
            facts: image,
            dependencies: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn render(_input: RenderInput<Settings, Image>) -> Result<Rendered, Failure> {
        Ok(Rendered {
            files: Vec::new(),
            workload: None,
            origins: Vec::new(),
            notes: Vec::new(),
        })
    }
}

slipway_sdk::export_format!(Container);
