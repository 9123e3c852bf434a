//! Formats.

use serde_json::Value;
use slipway_plugin::{
    Artifact, Call, File, Format, FormatDescription, Inspection, Origin, PluginError, RenderInput, Rendered,
    Workload,
};

use crate::{
    bindings::{format as wit, imports::types},
    loaded::{Loaded, Turn},
    roles::convert::{ask, document},
    session::Session,
};

pub(crate) struct FormatPlugin {
    plugin: Loaded,
    guest: wit::FormatPluginPre<Session>,
    description: FormatDescription,
}

impl FormatPlugin {
    pub(crate) async fn load(plugin: Loaded) -> Result<Self, PluginError> {
        let guest = wit::FormatPluginPre::new(plugin.pre.clone())
            .map_err(|error| plugin.load(format!("{error:#}")))?;
        let mut turn = plugin.turn("describe", None)?;
        let told = async {
            let instance = guest.instantiate_async(&mut turn.store).await?;
            instance
                .slipway_plugin_format()
                .call_describe(&mut turn.store)
                .await
        }
        .await;
        let told = turn.end(told)?;
        let description = FormatDescription {
            settings_schema: document(&turn, "settings-schema", &told.settings_schema)?,
            name: told.name,
            version: told.version,
            summary: told.summary,
        };
        Ok(Self {
            plugin,
            guest,
            description,
        })
    }
}

#[async_trait::async_trait]
impl Format for FormatPlugin {
    fn describe(&self) -> &FormatDescription {
        &self.description
    }

    async fn inspect(&self, call: Call, artifact: Artifact) -> Result<Inspection, PluginError> {
        let artifact = wit::Artifact::from(&artifact);
        let (turn, told) = ask!(
            self,
            call,
            "inspect",
            slipway_plugin_format.call_inspect(&artifact)
        );
        Ok(Inspection {
            summary: told.summary,
            facts: document(&turn, "facts", &told.facts)?,
            dependencies: told.dependencies,
        })
    }

    async fn assemble(&self, call: Call, artifact: Artifact, facts: Value) -> Result<Vec<File>, PluginError> {
        let (artifact, facts) = (wit::Artifact::from(&artifact), facts.to_string());
        let (turn, told) = ask!(
            self,
            call,
            "assemble",
            slipway_plugin_format.call_assemble(&artifact, &facts)
        );
        files(&turn, told)
    }

    async fn render(&self, call: Call, input: RenderInput) -> Result<Rendered, PluginError> {
        let input = wit::RenderInput {
            artifact: wit::Artifact::from(&input.artifact),
            facts: input.facts.to_string(),
            settings: input.settings.to_string(),
            service: input.service,
            environment: input.environment,
            config: input.config,
        };
        let (turn, told) = ask!(self, call, "render", slipway_plugin_format.call_render(&input));
        let workload = told.workload.map(Workload::from);
        let files = files(&turn, told.files)?;
        if let Some(workload) = &workload
            && !files.iter().any(|file| file.path == workload.file)
        {
            return Err(turn.nonsense("workload", &format!("`{}` is not among the files", workload.file)));
        }
        Ok(Rendered {
            files,
            workload,
            origins: told.origins.into_iter().map(Origin::from).collect(),
        })
    }
}

/// Files that will be written into a folder: none may leave it, and none may be there twice.
fn files(turn: &Turn, told: Vec<types::File>) -> Result<Vec<File>, PluginError> {
    let mut paths = std::collections::BTreeSet::new();
    for file in &told {
        let plain =
            |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
        if !file.path.split('/').all(plain) {
            return Err(turn.nonsense("files", &format!("`{}` is not a path inside a folder", file.path)));
        }
        if !paths.insert(&file.path) {
            return Err(turn.nonsense("files", &format!("`{}` is there twice", file.path)));
        }
    }
    Ok(told
        .into_iter()
        .map(|file| File {
            path: file.path,
            content: file.content,
        })
        .collect())
}

impl From<&Artifact> for wit::Artifact {
    fn from(artifact: &Artifact) -> Self {
        Self {
            name: artifact.name.clone(),
            blob: artifact.blob.to_string(),
            size: artifact.size,
            settings: artifact.settings.to_string(),
        }
    }
}

impl From<wit::Workload> for Workload {
    fn from(workload: wit::Workload) -> Self {
        let wit::Workload {
            kind,
            file,
            instances,
            ports,
            exclusive,
        } = workload;
        Self {
            kind,
            file,
            instances,
            ports,
            exclusive,
        }
    }
}

impl From<wit::Origin> for Origin {
    fn from(origin: wit::Origin) -> Self {
        let wit::Origin {
            file,
            pointer,
            setting,
        } = origin;
        Self {
            file,
            pointer,
            setting,
        }
    }
}
