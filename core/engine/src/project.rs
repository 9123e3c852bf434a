//! A service's folder with its manifest, and the services that it depends on, which go first.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use slipway_manifest::{Dependency, Manifest};
use slipway_model::{Diagnostic, Severity};
use slipway_plugin::{Kind, PluginError, Plugins};

#[derive(Debug, Clone)]
pub struct Project {
    pub manifest: Manifest,
    /// The folder of the manifest.
    pub root: PathBuf,
    /// The path of `deploy.toml`, as a person would write it.
    pub file: PathBuf,
    /// The file's real path: what makes two projects the same one.
    pub identity: PathBuf,
    pub text: String,
    pub warnings: Vec<Diagnostic>,
    /// Of a laid-out package: who decides its values.
    pub decided: Option<Decided>,
}

/// The manifest that decides for a package it depends on.
#[derive(Debug, Clone)]
pub struct Decided {
    pub file: PathBuf,
    /// The same file as seen from the laid-out folder.
    pub below: PathBuf,
    pub text: String,
    /// What it calls the package; one that it does not name itself gets the defaults.
    pub name: String,
}

/// Everything that is wrong, with the texts to show it in.
#[derive(Debug, thiserror::Error)]
#[error("{} problem(s) in the manifests", diagnostics.len())]
pub struct Invalid {
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Vec<(PathBuf, String)>,
}

/// What `deploy.toml` is called in a service's folder.
pub const FILE: &str = "deploy.toml";

impl Project {
    /// `path` is a manifest or its folder. The last of the answer is the one asked for; the ones before it are those it
    /// depends on, each after its own dependencies.
    pub fn load(path: &Path) -> Result<Vec<Self>, Invalid> {
        let mut loader = Loader::default();
        loader.load(path, &mut Vec::new());
        let Loader {
            projects,
            diagnostics,
            sources,
            ..
        } = loader;
        if diagnostics.is_empty() {
            Ok(projects)
        } else {
            Err(Invalid { diagnostics, sources })
        }
    }

    /// One manifest of which the text is at hand; what it depends on is left alone.
    pub(crate) fn parse(file: &Path, text: String) -> Result<Self, Invalid> {
        let checked = slipway_manifest::parse(file, &text);
        let Some(manifest) = checked.manifest else {
            let mut diagnostics = checked.diagnostics;
            diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
            let sources = vec![(file.to_path_buf(), text)];
            return Err(Invalid { diagnostics, sources });
        };
        let root = file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        Ok(Self {
            manifest,
            root: root.to_path_buf(),
            file: file.to_path_buf(),
            identity: identity(file),
            text,
            warnings: checked.diagnostics,
            decided: None,
        })
    }

    /// The same project, with its manifest as it was at another time.
    pub(crate) fn with_text(&self, text: &str) -> Result<Self, Invalid> {
        if self.text == text {
            return Ok(self.clone());
        }
        Self::parse(&self.file, text.to_owned())
    }

    /// The projects in the manifest's `dependencies`, by name, as [`Project::identity`].
    pub fn dependencies(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        self.manifest
            .dependencies
            .iter()
            .filter_map(|(name, dependency)| match dependency {
                Dependency::Path { path } => {
                    Some((name.as_str(), identity(&manifest_in(&self.root.join(path)))))
                }
                Dependency::Package { .. } => None,
            })
    }

    /// The settings of formats, targets and routers, against what the plugins say of theirs.
    pub async fn check_settings(&self, plugins: &dyn Plugins) -> Result<Vec<Diagnostic>, PluginError> {
        let mut used: Vec<(Kind, &str)> = Vec::new();
        used.extend(
            self.manifest
                .artifacts
                .values()
                .map(|artifact| (Kind::Format, artifact.format.as_str())),
        );
        for environment in self.manifest.environments.values() {
            used.push((Kind::Target, &environment.target.plugin));
            used.extend(
                environment
                    .router
                    .iter()
                    .map(|router| (Kind::Router, router.plugin.as_str())),
            );
        }
        used.sort_unstable();
        used.dedup();
        let mut diagnostics = Vec::new();
        for (kind, name) in used {
            let schema = plugins.settings_schema(kind, name).await?;
            diagnostics.extend(slipway_manifest::check_settings(
                &self.manifest,
                kind.into_manifest(),
                name,
                &schema,
            ));
        }
        Ok(diagnostics)
    }
}

trait IntoManifest {
    fn into_manifest(self) -> slipway_manifest::PluginKind;
}

impl IntoManifest for Kind {
    fn into_manifest(self) -> slipway_manifest::PluginKind {
        match self {
            Self::Format => slipway_manifest::PluginKind::Format,
            Self::Target => slipway_manifest::PluginKind::Target,
            Self::Router => slipway_manifest::PluginKind::Router,
        }
    }
}

#[derive(Default)]
struct Loader {
    projects: Vec<Project>,
    loaded: HashSet<PathBuf>,
    diagnostics: Vec<Diagnostic>,
    sources: Vec<(PathBuf, String)>,
}

impl Loader {
    fn load(&mut self, path: &Path, above: &mut Vec<PathBuf>) {
        let file = manifest_in(path);
        let identity = identity(&file);
        if let Some(first) = above.iter().position(|above| *above == identity) {
            let chain: Vec<_> = above[first..]
                .iter()
                .chain([&identity])
                .map(|path| path.display().to_string())
                .collect();
            self.diagnostics.push(
                Diagnostic::error(
                    "dependency-cycle",
                    format!("services depend on each other: {}", chain.join(" -> ")),
                )
                .help("one of them has to go first: remove a dependency"),
            );
            return;
        }
        if self.loaded.contains(&identity) {
            return;
        }
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                self.diagnostics.push(
                    Diagnostic::error("unreadable", format!("cannot read {}: {error}", file.display()))
                        .help("`slipway init` writes a deploy.toml; `--file` names another one"),
                );
                return;
            }
        };
        self.sources.push((file.clone(), text.clone()));
        let project = match Project::parse(&file, text) {
            Ok(project) => project,
            Err(invalid) => return self.diagnostics.extend(invalid.diagnostics),
        };
        above.push(identity.clone());
        for dependency in project.manifest.dependencies.values() {
            if let Dependency::Path { path } = dependency {
                self.load(&project.root.join(path), above);
            }
        }
        above.pop();
        self.loaded.insert(identity);
        self.projects.push(project);
    }
}

/// A manifest may be named by its folder.
pub fn manifest_in(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join(FILE)
    } else {
        path.to_path_buf()
    }
}

fn identity(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf())
}
