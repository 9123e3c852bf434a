//! `deploy.lock`: what every reference meant when it was first looked up, and which plugins were used. Belongs into
//! version control beside `deploy.toml`.

use std::{collections::BTreeMap, fs, io};

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use crate::{Failed, Workspace};

const HEADER: &str = "# Written by slipway. What every reference of deploy.toml meant; `slipway release --update` looks again.\n";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lock {
    pub v: u32,
    /// The package that these make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default)]
    pub artifacts: BTreeMap<String, Locked>,
    #[serde(default)]
    pub dependencies: BTreeMap<String, Locked>,
    #[serde(default)]
    pub plugins: BTreeMap<String, Digest>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Locked {
    /// As written in `deploy.toml`.
    pub from: String,
    pub digest: Digest,
}

impl Lock {
    /// Empty where there is none yet.
    pub fn read(workspace: &Workspace) -> Result<Self, Failed> {
        let path = workspace.lock_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    v: 1,
                    ..Self::default()
                });
            }
            Err(error) => return Err(Failed::new(format!("cannot read {}: {error}", path.display()))),
        };
        let lock: Self = toml::from_str(&text).map_err(|error| {
            Failed::new(format!("{}: {error}", path.display()))
                .hint("restore it from version control, or remove it")
        })?;
        if lock.v != 1 {
            return Err(Failed::new(format!(
                "{} is of version {}: use a newer slipway",
                path.display(),
                lock.v
            )));
        }
        Ok(lock)
    }

    pub fn write(&self, workspace: &Workspace) -> Result<(), Failed> {
        let path = workspace.lock_file();
        let text = toml::to_string(self).map_err(Failed::from_error)?;
        crate::files::write_atomically(&path, format!("{HEADER}{text}").as_bytes())
    }
}
