//! `slipway plugin new`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use slipway_authoring::{Language, Name, Project};
use slipway_plugin::Kind;

use super::build::failed;
use crate::{commands::Done, context::Context};

/// Begin a plugin of your own: a project that builds and passes its tests, to be changed to what you need
#[derive(Debug, Args)]
pub(crate) struct New {
    /// What it is for
    #[arg(value_enum)]
    kind: Kinds,
    /// What manifests will call it
    name: Name,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    language: Languages,
    /// Where the project goes; otherwise into a folder of its name
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kinds {
    /// How one kind of artifact is packaged, and what of it is run
    Format,
    /// Where instances run
    Target,
    /// How users are sent to revisions
    Router,
    /// Whether a revision is well
    Check,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Languages {
    #[default]
    Rust,
    Python,
    /// JavaScript
    Js,
    Go,
}

impl New {
    pub(super) fn run(self, context: &Context) -> Done {
        let folder = self.folder.unwrap_or_else(|| self.name.as_str().into());
        let project = Project {
            kind: self.kind.into(),
            name: self.name,
            language: self.language.into(),
        };
        let files = project.write(&folder).map_err(failed)?;
        let answer = json!({
            "folder": folder,
            "kind": project.kind.name(),
            "name": project.name.as_str(),
            "files": files,
        });
        context.ui.answer(&answer, || {
            let folder = folder.display();
            format!("{folder}\nnext: read {folder}/README.md, and `slipway plugin build {folder}`")
        });
        Ok(())
    }
}

impl From<Kinds> for Kind {
    fn from(kind: Kinds) -> Self {
        match kind {
            Kinds::Format => Self::Format,
            Kinds::Target => Self::Target,
            Kinds::Router => Self::Router,
            Kinds::Check => Self::Check,
        }
    }
}

impl From<Languages> for Language {
    fn from(language: Languages) -> Self {
        match language {
            Languages::Rust => Self::Rust,
            Languages::Python => Self::Python,
            Languages::Js => Self::Js,
            Languages::Go => Self::Go,
        }
    }
}
