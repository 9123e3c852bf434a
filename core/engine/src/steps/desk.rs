//! What one adaptation works with: reads the layers, asks the formats, explains what they made, writes the folder.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_config::{
    Declaration, Explanation, Facts, Folder, Layer, Origin, Origins, Place, Rank, Setting, SourceFile,
    Templates, Tree, Values,
};
use slipway_manifest::Environment;
use slipway_model::{Diagnostic, Digest, EnvironmentName, Span};
use slipway_plugin::{Call, DependencyKind, RenderInput, Rendered};

use crate::{
    Caller, Engine, Failed, RunError,
    files::{self, is_text, read_folder},
    package::{Package, PackagedArtifact},
    project::{Decided, Project},
    revision::{DIGEST, ORIGINS, REVISION, ROLLOUT, Rollout},
    sources::{self, ADAPTATIONS},
};

/// What is adapted to what.
#[derive(Debug, Clone)]
pub struct Adaptation {
    pub environment: EnvironmentName,
    pub package: Digest,
    /// `--set NAME=VALUE`, as typed.
    pub set: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adapted {
    pub revision: Digest,
    pub files: usize,
    /// What people should know: what looks like a mistake in what they wrote, and what formats say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What one adaptation works with.
pub(super) struct Desk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) project: &'a Project,
    pub(super) environment: &'a Environment,
    pub(super) package: &'a Package,
    pub(super) adaptation: &'a Adaptation,
}

pub(super) enum Problem {
    Invalid(Vec<Diagnostic>),
    Failed(Failed),
}

pub(super) type Sources = Vec<(std::path::PathBuf, String)>;

impl Desk<'_> {
    /// A run reads what it has kept; the paths are those that people know.
    pub(super) fn overlays(&self, caller: Caller<'_>) -> Result<(Vec<Folder>, Sources), Failed> {
        let mut folders = Vec::new();
        let mut texts_of = Sources::new();
        let workspace = &self.engine.workspace;
        let from = match caller {
            Caller::Run(run) => sources::folder(workspace, run.id()).join(ADAPTATIONS),
            Caller::Look => workspace.adaptations(),
        };
        for name in &self.environment.overlays {
            let path = workspace.adaptations().join(name);
            let files = read_folder(&from.join(name))?.into_iter().map(|file| SourceFile {
                template: is_text(&file.bytes),
                path: file.path,
                bytes: file.bytes,
                executable: file.executable,
            });
            let folder = Folder {
                name: name.clone(),
                path,
                files: files.collect(),
            };
            texts_of.extend(texts(&folder));
            folders.push(folder);
        }
        Ok((folders, texts_of))
    }

    /// The configuration as it was released, under the paths that people know it by.
    pub(super) fn base(&self) -> Result<Folder, Failed> {
        let mut files = Vec::new();
        for file in &self.package.config {
            let blob = self.engine.workspace.blob(file.blob.digest)?;
            let bytes =
                std::fs::read(&blob.path).map_err(|error| files::cannot("read", &blob.path, &error))?;
            let (template, executable) = (file.template, file.executable);
            files.push(SourceFile {
                path: file.path.clone(),
                bytes,
                executable,
                template,
            });
        }
        let path = self.project.root.join(&self.project.manifest.config.folder);
        Ok(Folder {
            name: "config".to_owned(),
            path,
            files,
        })
    }

    /// Everything that sets values, and what is wrong with the values files of overlays.
    pub(super) fn layers(&self, overlays: &[Folder]) -> Result<(Vec<Layer>, Vec<Diagnostic>), Failed> {
        let manifest = &self.project.manifest;
        let parameters = &self.package.parameters;
        let (file, text) = (&self.project.file, &self.project.text);
        let mut layers = if manifest.parameters == *parameters {
            vec![Layer::defaults(file, text)]
        } else {
            let defaults = parameters
                .iter()
                .filter_map(|(name, parameter)| Some((name.clone(), parameter.default.clone()?)));
            vec![Layer::given(Rank::Default, "package", defaults)]
        };
        let mut problems = Vec::new();
        for folder in overlays {
            match folder.values() {
                Ok(layer) => layers.push(layer),
                Err(problem) => problems.push(problem),
            }
        }
        let cluster = manifest.environments.get(&self.adaptation.environment);
        let cluster = cluster.and_then(|environment| environment.cluster.as_ref());
        let environment = cluster
            .map_or(&self.adaptation.environment, |(environment, _)| environment)
            .as_str();
        match &self.project.decided {
            Some(Decided { file, text, name, .. }) => {
                layers.push(Layer::dependency((environment, name), file, text));
            }
            None => {
                layers.push(Layer::environment(environment, file, text));
                layers.extend(cluster.map(|(_, name)| Layer::cluster((environment, name), file, text)));
            }
        }
        layers.push(Layer::command_line(self.set()?));
        Ok((layers, problems))
    }

    pub(super) fn values(&self, overlays: &[Folder]) -> Result<Values, Problem> {
        let parameters = &self.package.parameters;
        let (layers, problems) = self.layers(overlays).map_err(Problem::Failed)?;
        let checks: Vec<_> = parameters
            .iter()
            .map(|(name, parameter)| (name, parameter, move |value: &Value| parameter.check(value)))
            .collect();
        let declarations: Vec<_> = checks
            .iter()
            .map(|(name, parameter, check)| Declaration {
                name,
                help: parameter.help.as_deref(),
                secret: parameter.is_secret(),
                at: None,
                check,
            })
            .collect();
        match Values::resolve(&declarations, &layers) {
            Ok(values) if problems.is_empty() => Ok(values),
            Ok(_) => Err(Problem::Invalid(problems)),
            Err(found) => Err(Problem::Invalid(problems.into_iter().chain(found).collect())),
        }
    }

    fn set(&self) -> Result<Vec<(String, Value)>, Failed> {
        let typed = self.adaptation.set.iter().map(|(name, text)| {
            let parameter = self.package.parameters.get(name).ok_or_else(|| {
                let known: Vec<_> = self.package.parameters.keys().map(String::as_str).collect();
                Failed::new(format!("--set {name}: there is no such parameter"))
                    .hint(format!("there are: {}", known.join(", ")))
            })?;
            let value = parameter
                .parse_str(text)
                .map_err(|why| Failed::new(format!("--set {name}: {why}")))?;
            Ok((name.clone(), value))
        });
        typed.collect()
    }

    pub(super) fn facts(&self) -> Facts {
        let artifacts = self
            .package
            .artifacts
            .iter()
            .map(|(name, artifact)| (name.clone(), artifact.blob.digest));
        Facts {
            service: self.package.service.to_string(),
            version: self.package.version.clone(),
            environment: self.adaptation.environment.to_string(),
            artifacts: artifacts.collect(),
        }
    }

    /// Where an artifact's settings stand in `deploy.toml`.
    pub(super) fn place(&self, artifact: &str) -> Place {
        let place = self
            .project
            .manifest
            .artifacts
            .get(artifact)
            .and_then(|artifact| artifact.settings.place(""));
        Place {
            file: self.project.file.clone(),
            span: place.map_or(Span::default(), |place| place.value),
        }
    }

    pub(super) async fn render(
        &self,
        caller: Caller<'_>,
        name: &str,
        artifact: &PackagedArtifact,
        settings: &Value,
        config: &[String],
    ) -> Result<Rendered, RunError> {
        let format = self.engine.plugins.format(&artifact.format).await?;
        let input = RenderInput {
            service: self.package.service.to_string(),
            environment: self.adaptation.environment.to_string(),
            artifact: slipway_plugin::Artifact {
                name: name.to_owned(),
                blob: artifact.blob.digest,
                size: artifact.blob.size,
                settings: artifact.settings.clone(),
            },
            facts: artifact.facts.clone(),
            settings: settings.clone(),
            config: config.to_vec(),
            resolved: self.resolved(artifact),
            target: self.target().await?,
        };
        let blob = self.engine.workspace.blob(artifact.blob.digest)?;
        let mut files = vec![(artifact.blob.digest, blob)];
        for file in artifact.of_kind(DependencyKind::File) {
            files.push((file.blob.digest, self.engine.workspace.blob(file.blob.digest)?));
        }
        let lookup = self.lookup(settings);
        let grants = |call: Call| {
            let granted = files.iter();
            let call = granted.fold(call, |call, (digest, blob)| {
                call.blob(*digest, blob.path.clone(), blob.size)
            });
            Call {
                lookup: lookup.clone(),
                ..call
            }
        };
        let request = json!({ "render": input });
        let rendered: Rendered = caller
            .call(&format!("adapt/render/{name}"), request, |call| {
                let rendering = format.render(grants(call), input.clone());
                async move { rendering.await.map_err(|error| self.placed(name, error)) }
            })
            .await?;
        for file in &rendered.files {
            let reserved = [REVISION, ROLLOUT, ORIGINS, DIGEST].contains(&file.path.as_str());
            let bad = slipway_config::check_path(&file.path).err();
            let bad = bad.or((reserved || file.path.starts_with("config/")).then_some("the name is taken"));
            if let Some(why) = bad {
                let text = format!("format {} makes a file `{}`: {why}", artifact.format, file.path);
                return Err(Failed::new(text).into());
            }
        }
        Ok(rendered)
    }

    /// The values in the files that a format made, back to the setting they came from and the parameters in it.
    pub(super) fn explain(
        &self,
        name: &str,
        rendered: &Rendered,
        templates: &Templates,
        origins: &mut Origins,
    ) {
        let settings = self
            .project
            .manifest
            .artifacts
            .get(name)
            .map(|artifact| &artifact.settings);
        let packaged = &self.package.artifacts[name].settings;
        // The places are those of today's manifest; they count only if it still says what was released.
        let settings = settings.filter(|settings| Value::Object(settings.values.clone()) == *packaged);
        for origin in &rendered.origins {
            let Some(file) = rendered.files.iter().find(|file| file.path == origin.file) else {
                continue;
            };
            let Ok(document) = serde_json::from_slice::<Value>(&file.content) else {
                continue;
            };
            let Some(value) = document.pointer(&origin.pointer) else {
                continue;
            };
            let place = settings.and_then(|settings| settings.nearest_place(&origin.setting));
            let source = match place {
                Some(place) => Origin::at("deploy.toml", &self.project.file, &self.project.text, place.value),
                None => Origin::layer("package"),
            };
            let written = packaged
                .pointer(&origin.setting)
                .and_then(Value::as_str)
                .unwrap_or_default();
            let parameters = templates.parameters_in(written);
            let history = vec![Setting {
                parameters,
                ..Setting::new(value.clone(), source)
            }];
            let explanation = Explanation {
                path: Some(origin.pointer.clone()),
                line: None,
                value: value.clone(),
                history,
            };
            origins
                .files
                .entry(origin.file.clone())
                .or_default()
                .push(explanation);
        }
    }

    /// The folder for people, and the same kept under the revision's digest.
    pub(super) fn write(
        &self,
        tree: &Tree,
        origins: &Origins,
        notes: Vec<String>,
    ) -> Result<Adapted, RunError> {
        let revision = slipway_config::tree_digest(tree);
        let Environment {
            after,
            strategy,
            target,
            router,
            keep,
            approve,
            ..
        } = self.environment.clone();
        let rollout = Rollout {
            strategy,
            target,
            router,
            after,
            keep,
            approve,
        };
        let beside = [
            (ROLLOUT, pretty(&rollout)?),
            (ORIGINS, pretty(origins)?),
            (DIGEST, format!("{revision}\n").into_bytes()),
        ];
        let workspace = &self.engine.workspace;
        for folder in [
            workspace.revision(revision),
            workspace.deployment(&self.adaptation.environment),
        ] {
            if let Some(parent) = folder.parent() {
                std::fs::create_dir_all(parent).map_err(|error| files::cannot("create", parent, &error))?;
            }
            let listed = tree
                .iter()
                .map(|(path, file)| (path, file.bytes.as_slice(), file.executable));
            let ours = beside
                .iter()
                .map(|(path, bytes)| (*path, bytes.as_slice(), false));
            files::replace_folder(&folder, listed.chain(ours))?;
        }
        Ok(Adapted {
            revision,
            files: tree.iter().count() + beside.len(),
            notes,
        })
    }
}

pub(super) fn texts(folder: &Folder) -> Sources {
    let text = |file: &SourceFile| String::from_utf8(file.bytes.clone()).ok();
    folder
        .files
        .iter()
        .filter_map(|file| Some((folder.path.join(&file.path), text(file)?)))
        .collect()
}

pub(super) fn pretty(value: &impl Serialize) -> Result<Vec<u8>, Failed> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(Failed::from_error)?;
    bytes.push(b'\n');
    Ok(bytes)
}
