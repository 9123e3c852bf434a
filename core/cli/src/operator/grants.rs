//! Hosts and folders that plugins may use, by name.

use std::path::PathBuf;

use serde::Deserialize;
use slipway_engine::Failed;

use super::{file::OperatorFile, place::path};

/// This machine needs none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostSettings {}

impl OperatorFile {
    pub(super) fn granted_folder(&self, name: &str) -> Result<PathBuf, Failed> {
        if name == "machine" {
            return Ok(self.agent_dir());
        }
        self.folders.get(name).cloned().ok_or_else(|| {
            Failed::new(format!("the operator has granted no folder `{name}`"))
                .hint(format!("[folders] {name} = \"...\" in {}", path().display()))
        })
    }

    pub(super) fn granted_host(&self, name: &str) -> Result<(), Failed> {
        if self.hosts.contains_key(name) {
            return Ok(());
        }
        let text = format!("the operator lets no plugin run programs on the host `{name}`");
        Err(Failed::new(text).hint(format!("[hosts.{name}] in {}", path().display())))
    }
}
