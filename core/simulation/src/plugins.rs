//! The plugins of the simulation: one target, one router, one check, and a format that makes instances of an artifact.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_plugin::{
    Artifact, Call, Check, File, Format, FormatDescription, Inspection, Kind, PluginError, PluginInfo,
    Plugins, RenderInput, Rendered, Resolved, Router, Target, Workload,
};

use crate::{
    check::SimulatedCheck,
    router::SimulatedRouter,
    target::{SIMULATED, SimulatedTarget},
    wire::Wire,
};

pub(crate) struct SimulatedPlugins {
    target: Arc<SimulatedTarget>,
    router: Arc<SimulatedRouter>,
    check: Arc<SimulatedCheck>,
    format: Arc<SimulatedFormat>,
}

struct SimulatedFormat(FormatDescription);

impl SimulatedPlugins {
    pub(crate) fn new(wire: &Wire) -> Self {
        Self {
            target: Arc::new(SimulatedTarget::new(wire.clone())),
            router: Arc::new(SimulatedRouter::new(wire.clone())),
            check: Arc::new(SimulatedCheck::new(wire.clone())),
            format: Arc::new(SimulatedFormat(FormatDescription {
                name: SIMULATED.to_owned(),
                version: "1".to_owned(),
                summary: String::new(),
                settings_schema: json!({}),
            })),
        }
    }
}

#[async_trait::async_trait]
impl Plugins for SimulatedPlugins {
    async fn format(&self, _: &str) -> Result<Arc<dyn Format>, PluginError> {
        Ok(self.format.clone())
    }

    async fn target(&self, _: &str) -> Result<Arc<dyn Target>, PluginError> {
        Ok(self.target.clone())
    }

    async fn router(&self, _: &str) -> Result<Arc<dyn Router>, PluginError> {
        Ok(self.router.clone())
    }

    async fn check(&self, _: &str) -> Result<Arc<dyn Check>, PluginError> {
        Ok(self.check.clone())
    }

    fn list(&self) -> Vec<PluginInfo> {
        Vec::new()
    }

    async fn settings_schema(&self, _: Kind, _: &str) -> Result<Value, PluginError> {
        Ok(json!({}))
    }
}

#[async_trait::async_trait]
impl Format for SimulatedFormat {
    fn describe(&self) -> &FormatDescription {
        &self.0
    }

    async fn inspect(
        &self,
        _: Call,
        artifact: Artifact,
        _: Vec<Resolved>,
    ) -> Result<Inspection, PluginError> {
        Ok(Inspection {
            summary: format!("{} bytes", artifact.size),
            facts: json!({}),
            dependencies: Vec::new(),
            notes: Vec::new(),
        })
    }

    async fn assemble(&self, _: Call, _: Artifact, _: Value) -> Result<Vec<File>, PluginError> {
        Ok(Vec::new())
    }

    async fn render(&self, _: Call, input: RenderInput) -> Result<Rendered, PluginError> {
        let instances = input.settings["instances"].as_u64();
        let workload = Workload {
            kind: "process".to_owned(),
            file: "web.json".to_owned(),
            instances: instances.and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
            ports: vec!["http".to_owned()],
            exclusive: None,
        };
        let file = File {
            path: workload.file.clone(),
            content: json!({ "artifact": input.artifact.blob })
                .to_string()
                .into_bytes(),
        };
        Ok(Rendered {
            files: vec![file],
            workload: Some(workload),
            origins: Vec::new(),
            notes: Vec::new(),
        })
    }

    async fn show(&self, _: Call, _: RenderInput) -> Result<Vec<u8>, PluginError> {
        Ok(Vec::new())
    }
}
