//! What a format alone makes of a file or folder: nothing is released, nothing adapted, nothing left behind.

use std::path::Path;

use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_plugin::{Artifact, Call, Plugins, RenderInput};

use crate::{Caller, RunError, files::cannot, pack::pack};

/// As people of the format read it.
pub async fn show(
    plugins: &dyn Plugins,
    format: &str,
    path: &Path,
    settings: Value,
) -> Result<Vec<u8>, RunError> {
    if !path.is_dir() {
        return ask(plugins, format, path, settings).await;
    }
    // A name that nobody can foresee, in a folder that all share.
    let packed = tempfile::NamedTempFile::new()
        .map_err(|error| cannot("make a file in", &std::env::temp_dir(), &error))?;
    pack(path, packed.path())?;
    ask(plugins, format, packed.path(), settings).await
}

async fn ask(plugins: &dyn Plugins, format: &str, path: &Path, settings: Value) -> Result<Vec<u8>, RunError> {
    let format = plugins.format(format).await?;
    let bytes = std::fs::read(path).map_err(|error| cannot("read", path, &error))?;
    let (blob, size) = (Digest::of(&bytes), bytes.len() as u64);
    drop(bytes);
    let artifact = Artifact {
        name: "artifact".to_owned(),
        blob,
        size,
        settings: settings.clone(),
    };
    let grants = |call: Call| call.blob(blob, path, size);
    let look = Caller::Look;
    let inspection: slipway_plugin::Inspection = look
        .call("show/inspect", json!(null), |call| {
            format.inspect(grants(call), artifact.clone(), Vec::new())
        })
        .await?;
    let service = settings.get("release").and_then(Value::as_str);
    let input = RenderInput {
        service: service.unwrap_or("release-name").to_owned(),
        environment: "none".to_owned(),
        facts: inspection.facts,
        settings,
        artifact,
        config: Vec::new(),
        resolved: Vec::new(),
        target: json!({}),
    };
    look.call("show", json!(null), |call| {
        format.show(grants(call), input.clone())
    })
    .await
}
