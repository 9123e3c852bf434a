//! What signs the entries of archives, and where they are copied to.

use std::{path::PathBuf, sync::Arc};

use serde::Deserialize;
use slipway_archive::{Destination, SigningKey};
use slipway_engine::Failed;

use super::{file::OperatorFile, place::path};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ArchiveSettings {
    /// An Ed25519 key in PEM that signs the entries.
    key: Option<PathBuf>,
    /// Where each finished run is copied to, below the name of its service: `oci://`, `s3://` or a folder.
    copy_to: Vec<String>,
}

impl OperatorFile {
    /// What signs the entries of archives, if anything does.
    pub(crate) fn archive_key(&self) -> Result<Option<Arc<SigningKey>>, Failed> {
        let key = self.archive.key.as_deref().map(SigningKey::read).transpose();
        Ok(key.map_err(Failed::from_error)?.map(Arc::new))
    }

    /// Where archives are copied to.
    pub(crate) fn copies(&self) -> Result<Vec<Destination>, Failed> {
        let places = self.archive.copy_to.iter().map(|place| place.parse());
        places.collect::<Result<Vec<Destination>, _>>().map_err(|error| {
            Failed::from_error(error).hint(format!("[archive] copy-to in {}", path().display()))
        })
    }
}
