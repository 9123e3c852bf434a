//! A service's folder with its manifest, and the services that it depends on, which go first.

mod load;
mod settings;

use std::{
    fs,
    path::{Path, PathBuf},
};

use slipway_manifest::{Dependency, Manifest};
use slipway_model::{Diagnostic, Severity};

pub use load::Loaded;
pub use settings::SettingsCheck;

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
    /// One manifest of which the text is at hand; what it depends on is left alone.
    pub(crate) fn parse(file: &Path, text: String) -> Result<Self, Invalid> {
        let (project, _) = Self::checked(file.to_path_buf(), identity(file), text)?;
        Ok(project)
    }

    /// The same project, with its manifest as it was at another time.
    pub(crate) fn with_text(&self, text: &str) -> Result<Self, Invalid> {
        if self.text == text {
            return Ok(self.clone());
        }
        Self::parse(&self.file, text.to_owned())
    }

    /// With the warnings. One that has errors has none: what looks unused may only be misspelt where it is used.
    fn checked(file: PathBuf, identity: PathBuf, text: String) -> Result<(Self, Vec<Diagnostic>), Invalid> {
        let mut checked = slipway_manifest::parse(&file, &text);
        let Some(manifest) = checked.manifest else {
            checked
                .diagnostics
                .retain(|diagnostic| diagnostic.severity == Severity::Error);
            return Err(Invalid {
                diagnostics: checked.diagnostics,
                sources: vec![(file, text)],
            });
        };
        let root = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        let project = Self {
            manifest,
            root: root.unwrap_or(Path::new(".")).to_path_buf(),
            file,
            identity,
            text,
            decided: None,
        };
        Ok((project, checked.diagnostics))
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

    /// Those of [`Project::dependencies`] that are released together with it.
    pub fn together(&self) -> impl Iterator<Item = PathBuf> {
        let named = &self.manifest.service.together;
        self.dependencies()
            .filter(|(name, _)| named.iter().any(|together| together == name))
            .map(|(_, identity)| identity)
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
