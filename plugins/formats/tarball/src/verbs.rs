//! The verbs of the contract, and the only place that calls the host.

use serde_json::Value;
use slipway_sdk::{About, Artifact, Failure, Format, Inspection, RenderInput, Rendered, blobs};

use crate::{
    inspect::{Facts, Start, check},
    render::render,
};

struct Tarball;

impl Format for Tarball {
    const ABOUT: About = About {
        name: "tarball",
        version: env!("CARGO_PKG_VERSION"),
        summary: "A program packed as tar.gz, tar.zst, tar or zip, run as a process.",
        settings_schema: include_str!("settings.schema.json"),
    };
    type Settings = Value;
    type Facts = Facts;

    fn inspect(artifact: &Artifact) -> Result<Inspection<Facts>, Failure> {
        let start = Start::of(&artifact.settings)?;
        let entries = blobs::entries(&artifact.blob)?;
        let facts = check(&entries, artifact.size, &start)
            .map_err(|failure| failure.while_doing(&format!("artifact `{}`", artifact.name)))?;
        Ok(Inspection {
            summary: facts.to_string(),
            facts,
            dependencies: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn render(input: RenderInput<Value, Facts>) -> Result<Rendered, Failure> {
        render(input)
    }
}

slipway_sdk::export_format!(Tarball);
