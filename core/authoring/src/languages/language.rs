//! Which language it is, and what each has of its own.

use std::path::Path;

use slipway_plugin::Kind;

use super::{go, js, python, rust};
use crate::{Built, Error, Name, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
    Js,
    Go,
}

/// Files with their paths, as they are embedded.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// What a project of one kind holds besides its README, and what that says of it.
pub(crate) struct Template {
    pub(crate) files: Vec<(String, String)>,
    /// Where the API that it speaks is written, the verbs, and what may be set.
    pub(crate) api: &'static str,
    pub(crate) verbs: &'static str,
    pub(crate) schema: &'static str,
    /// How it is built.
    pub(crate) building: &'static str,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::Rust, Self::Python, Self::Js, Self::Go];

    /// What the sources in a folder are written in.
    pub fn of(folder: &Path) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|language| folder.join(language.marked_by()).is_file())
            .ok_or_else(|| Error::NoSources {
                folder: folder.to_owned(),
                marks: Self::ALL.map(Self::marked_by).join(", "),
            })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Js => "js",
            Self::Go => "go",
        }
    }

    /// The file that every project of it has, and no other.
    pub(crate) fn marked_by(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Python => "pyproject.toml",
            Self::Js => "package.json",
            Self::Go => "go.mod",
        }
    }

    pub(crate) fn template(self, kind: Kind, name: &Name) -> Template {
        match self {
            Self::Rust => rust::template(kind, name),
            Self::Python => python::template(kind, name),
            Self::Js => js::template(kind, name),
            Self::Go => go::template(kind, name),
        }
    }

    /// What builds it here, as it names itself, for a project in this folder.
    pub fn compiler(self, folder: &Path) -> Result<String> {
        match self {
            Self::Rust => rust::compiler(),
            Self::Python => python::compiler(folder),
            Self::Js => js::compiler(folder),
            Self::Go => go::compiler(folder),
        }
    }

    pub(crate) fn build_native(self, folder: &Path) -> Result<Built> {
        match self {
            Self::Rust => rust::build_native(folder),
            Self::Python | Self::Js | Self::Go => Err(Error::NoNative(self.marked_by())),
        }
    }

    pub(crate) fn build(self, folder: &Path) -> Result<Built> {
        match self {
            Self::Rust => rust::build(folder),
            Self::Python => python::build(folder),
            Self::Js => js::build(folder),
            Self::Go => go::build(folder),
        }
    }
}

/// Files below a folder of the project, as they are.
pub(crate) fn below(folder: &'static str, files: Files) -> impl Iterator<Item = (String, String)> {
    files
        .iter()
        .map(move |(path, text)| (format!("{folder}/{path}"), (*text).to_owned()))
}
