//! Formats.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_plugin::{
    Artifact, Call, Dependency, DependencyKind, File, Format, FormatDescription, Inspection, Origin,
    PluginError, RenderInput, Rendered, Resolved, Workload,
};

use crate::{
    bindings::{format as wit, imports::types},
    capabilities::printable,
    loaded::{Guest, Loaded, Turn},
    roles::convert::{ask, document, schema, told},
    session::Session,
    words,
};

pub(crate) struct FormatPlugin {
    plugin: Loaded,
    guest: Guest<wit::FormatPluginPre<Session>>,
    description: FormatDescription,
}

impl FormatPlugin {
    pub(crate) async fn load(plugin: Loaded) -> Result<Self, PluginError> {
        let guest = plugin.guest(wit::FormatPluginPre::new)?;
        let mut turn = plugin.turn("describe", None)?;
        let told = told!(guest, turn, slipway_plugin_format.call_describe());
        let told = turn.end(told)?;
        let description = FormatDescription {
            settings_schema: schema(&turn, &told.settings_schema)?,
            name: words::name(&told.name),
            version: words::name(&told.version),
            summary: words::line(&told.summary),
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

    async fn inspect(
        &self,
        call: Call,
        artifact: Artifact,
        brought: Vec<Resolved>,
    ) -> Result<Inspection, PluginError> {
        let artifact = wit::Artifact::from(&artifact);
        let brought: Vec<_> = brought.iter().map(wit::Resolved::from).collect();
        let (turn, told) = ask!(
            self,
            call,
            "inspect",
            slipway_plugin_format.call_inspect(&artifact, &brought)
        );
        Ok(Inspection {
            summary: words::line(&told.summary),
            facts: document(&turn, "facts", &told.facts)?,
            dependencies: told.dependencies.into_iter().map(Dependency::from).collect(),
            notes: words::lines(told.notes),
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
        let input = wit::RenderInput::from(input);
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
            notes: words::lines(told.notes),
        })
    }

    async fn show(&self, call: Call, input: RenderInput) -> Result<Vec<u8>, PluginError> {
        let input = wit::RenderInput::from(input);
        let (_, told) = ask!(self, call, "show", slipway_plugin_format.call_show(&input));
        Ok(told)
    }
}

impl From<RenderInput> for wit::RenderInput {
    fn from(input: RenderInput) -> Self {
        Self {
            artifact: wit::Artifact::from(&input.artifact),
            facts: input.facts.to_string(),
            settings: input.settings.to_string(),
            service: input.service,
            environment: input.environment,
            config: input.config,
            resolved: input.resolved.iter().map(wit::Resolved::from).collect(),
            target: input.target.to_string(),
        }
    }
}

fn files(turn: &Turn, told: Vec<types::File>) -> Result<Vec<File>, PluginError> {
    check_paths(told.iter().map(|file| file.path.as_str()))
        .map_err(|problem| turn.nonsense("files", &problem))?;
    Ok(told
        .into_iter()
        .map(|file| File {
            path: file.path,
            content: file.content,
        })
        .collect())
}

/// Files that will be written into a folder: none may leave it, and none may be there twice.
fn check_paths<'a>(files: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let plain = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c.is_control())
    };
    let mut paths = BTreeSet::new();
    for path in files {
        if !path.split('/').all(plain) {
            return Err(format!("`{}` is not a path inside a folder", path.escape_debug()));
        }
        if !paths.insert(path) {
            return Err(format!("`{path}` is there twice"));
        }
    }
    let is_folder = |path: &str| {
        path.match_indices('/')
            .map(|(at, _)| path[..at].to_owned())
            .find(|folder| paths.contains(folder.as_str()))
    };
    if let Some(folder) = paths.iter().find_map(|path| is_folder(path)) {
        return Err(format!("`{folder}` is a file and a folder"));
    }
    Ok(())
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

impl From<wit::Dependency> for Dependency {
    fn from(dependency: wit::Dependency) -> Self {
        let kind = match dependency.kind {
            wit::DependencyKind::Image => DependencyKind::Image,
            wit::DependencyKind::File => DependencyKind::File,
            wit::DependencyKind::Index => DependencyKind::Index,
        };
        Self {
            kind,
            reference: printable(&dependency.reference),
            place: words::line(&dependency.place),
        }
    }
}

impl From<&Resolved> for wit::Resolved {
    fn from(resolved: &Resolved) -> Self {
        Self {
            reference: resolved.reference.clone(),
            digest: resolved.digest.to_string(),
            pull: resolved.pull.clone(),
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
            exclusive: exclusive.as_deref().map(words::line),
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
            file: printable(&file),
            pointer: printable(&pointer),
            setting: printable(&setting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_inside() {
        for (paths, sound) in [
            (vec!["a", "b/c", "b/..d"], true),
            (vec!["../a"], false),
            (vec!["/a"], false),
            (vec!["a//b"], false),
            (vec!["a/./b"], false),
            (vec![""], false),
            (vec!["a\\b"], false),
            (vec!["a\nb"], false),
            (vec!["a", "a"], false),
            (vec!["a", "b", "a/b/c"], false),
        ] {
            assert_eq!(check_paths(paths.iter().copied()).is_ok(), sound, "{paths:?}");
        }
    }
}
