//! What was admitted for a package, kept beside it with its signatures: whoever deploys it holds it against the policy of
//! then, also out of an archive, with every registry gone.

use std::{fs, io};

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use super::Admitted;
use crate::{Failed, Workspace, files};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) v: u32,
    pub(crate) package: Digest,
    /// All that came from a registry or from elsewhere; what is the service's own is not in here.
    pub(crate) admitted: Vec<Admitted>,
}

impl Record {
    pub(crate) fn new(package: Digest, admitted: Vec<Admitted>) -> Self {
        Self {
            v: 1,
            package,
            admitted,
        }
    }

    /// None where nothing was held against a policy.
    pub(crate) fn read(workspace: &Workspace, package: Digest) -> Result<Option<Self>, Failed> {
        let path = workspace.admitted(package);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(files::cannot("read", &path, &error)),
        };
        let wrong = |why: &dyn std::fmt::Display| {
            Failed::new(format!("{} is not what slipway wrote: {why}", path.display()))
                .hint("`slipway release` writes it anew")
        };
        let record: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(&error))?;
        if record.v != 1 || record.package != package {
            return Err(wrong(&"it is of another package or version"));
        }
        Ok(Some(record))
    }

    pub(crate) fn write(&self, workspace: &Workspace) -> Result<(), Failed> {
        let path = workspace.admitted(self.package);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| files::cannot("create", parent, &error))?;
        }
        let bytes = serde_json::to_vec_pretty(self).map_err(Failed::from_error)?;
        files::write_atomically(&path, &bytes)
    }
}
