//! An entry, as its documents say: the manifest that the index names, and `entry.json`.

use serde::{Serialize, de::DeserializeOwned};
use slipway_model::Digest;

use crate::{
    EntryMeta, Error, FileInfo, Result,
    document::{Document, check_path},
    format::{self, Descriptor, Listed, Manifest},
};

/// An entry's name: the digest of its manifest.
pub type EntryId = Digest;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    pub id: EntryId,
    pub sequence: u64,
    pub previous: Option<EntryId>,
    /// Its id before it was put after entries that others had made meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<EntryId>,
    #[serde(flatten)]
    pub meta: EntryMeta,
    /// Who signed it. The signature holds; whether that is somebody to trust is another question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// By path.
    pub files: Vec<FileInfo>,
}

impl Manifest {
    /// Of the bytes that the index names, if they are the manifest of an entry and the signature is that of them.
    pub(crate) fn of_entry(listed: &Listed, bytes: &[u8], place: &str) -> Result<Self> {
        let damaged = |reason: String| Error::Damaged {
            place: place.to_owned(),
            reason,
        };
        let forged = listed
            .signature
            .as_ref()
            .is_some_and(|signature| !signature.holds(format::MANIFEST_TYPE, bytes));
        if forged {
            let id = listed.digest.short();
            return Err(damaged(format!(
                "the signature of entry {id} in the index is not that of its manifest"
            )));
        }
        let manifest: Self = parse(bytes, place)?;
        let expected = Self::of(manifest.config.clone(), manifest.layers.clone());
        if manifest != expected || manifest.config.media_type != format::ENTRY_TYPE {
            return Err(damaged("it is not the manifest of an entry".to_owned()));
        }
        Ok(manifest)
    }

    /// With the bytes of its configuration.
    pub(crate) fn entry(&self, listed: &Listed, config: &[u8], place: &str) -> Result<Entry> {
        let document: Document = parse(config, place)?;
        if document.version > format::VERSION {
            return Err(Error::Newer {
                place: place.to_owned(),
                found: document.version,
                known: format::VERSION,
            });
        }
        let signer = listed.signature.as_ref();
        Ok(Entry {
            id: listed.digest,
            sequence: document.sequence,
            previous: document.previous,
            was: document.was,
            meta: document.meta,
            signer: signer.map(|signature| signature.signer.to_string()),
            files: files(&self.layers, place)?,
        })
    }
}

fn files(layers: &[Descriptor], place: &str) -> Result<Vec<FileInfo>> {
    let mut files: Vec<FileInfo> = Vec::with_capacity(layers.len());
    for layer in layers {
        let title = layer.title().unwrap_or_default();
        check_path(title)?;
        if files.last().is_some_and(|last| last.path.as_str() >= title) {
            return Err(Error::Damaged {
                place: place.to_owned(),
                reason: format!("`{title}` is not in order"),
            });
        }
        files.push(FileInfo {
            path: title.to_owned(),
            media_type: layer.media_type.clone(),
            digest: layer.digest,
            size: layer.size,
        });
    }
    Ok(files)
}

fn parse<T: DeserializeOwned>(bytes: &[u8], place: &str) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| Error::Damaged {
        place: place.to_owned(),
        reason: error.to_string(),
    })
}
