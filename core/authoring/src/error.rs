//! Why a plugin could not be made or built, and what to do about it.

use std::{io, path::PathBuf};

use crate::languages::{DEBIAN_PACKAGES, TARGET};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} is there already, and not empty")]
    Occupied(PathBuf),
    #[error("{folder} holds no {marks}: there is nothing to build a plugin from")]
    NoSources { folder: PathBuf, marks: String },
    #[error("{path} does not say what the plugin is called, under `{key}`")]
    NoName { path: PathBuf, key: &'static str },
    #[error("there is no {what}")]
    Missing { what: &'static str, hint: &'static str },
    #[error("there is no compiler for {TARGET}")]
    NoCompiler,
    #[error("{command} cannot be started")]
    Start { command: String, source: io::Error },
    #[error("{command}: {status}")]
    Failed {
        command: String,
        status: std::process::ExitStatus,
    },
    #[error("{0} makes no wasm module: its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`")]
    NoModule(PathBuf),
    #[error("{0} makes no shared library: its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`")]
    NoLibrary(PathBuf),
    #[error(
        "a project with {0} makes no native library: only those in Rust do, and what is written in C with `sdk/c`"
    )]
    NoNative(&'static str),
    #[error("what was built cannot become a component: {0}")]
    Component(String),
    #[error("cannot {what} {path}")]
    File {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: what could not be done to which file.
    pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }

    /// The next step, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Occupied(_) => Some("choose another folder".to_owned()),
            Self::NoSources { .. } => Some("`slipway plugin new` makes a project".to_owned()),
            Self::NoCompiler => Some(format!(
                "with rustup (https://rustup.rs): rustup target add {TARGET}; on Debian and Ubuntu: \
                 apt-get install --no-install-recommends {}",
                DEBIAN_PACKAGES.join(" ")
            )),
            Self::Missing { hint, .. } => Some((*hint).to_owned()),
            Self::Start { .. } => Some("install Rust 1.95 or newer: https://rustup.rs".to_owned()),
            _ => None,
        }
    }
}
