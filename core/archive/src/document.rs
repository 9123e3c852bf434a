//! What an entry says (`entry.json`) and what it is made from.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slipway_model::{Digest, EnvironmentName, RunId, ServiceName};

use crate::{EntryId, Error, Result, format};

/// Which run it was. Whatever else should be said goes into `more`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryMeta {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub run: RunId,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Digest>,
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The configuration blob of an entry's manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) version: u64,
    pub(crate) sequence: u64,
    pub(crate) previous: Option<EntryId>,
    /// Its id before it was put after entries that others had made meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) was: Option<EntryId>,
    #[serde(flatten)]
    pub(crate) meta: EntryMeta,
}

pub struct NewEntry<F: IntoIterator<Item = EntryFile>> {
    pub meta: EntryMeta,
    pub files: F,
}

/// A file to be archived under a name such as `logs/shop-1.log`.
#[derive(Debug, Clone)]
pub struct EntryFile {
    pub path: String,
    pub media_type: String,
    pub source: Source,
}

#[derive(Debug, Clone)]
pub enum Source {
    Bytes(Vec<u8>),
    Path(PathBuf),
    /// In the archive already, by an earlier entry.
    Archived(Digest),
}

/// A file that is in an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileInfo {
    pub path: String,
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
}

impl Document {
    /// What cannot be read back is refused now: `more` may name a key that is taken.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = format::to_bytes(self);
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(read) if read == *self => Ok(bytes),
            Ok(_) => Err(Error::BadMeta("it reads back as something else".to_owned())),
            Err(error) => Err(Error::BadMeta(error.to_string())),
        }
    }
}

impl EntryFile {
    pub fn new(path: impl Into<String>, source: Source) -> Self {
        Self {
            path: path.into(),
            media_type: "application/octet-stream".to_owned(),
            source,
        }
    }

    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = media_type.into();
        self
    }
}

/// Relative, with `/`, and it stays below where it is unpacked on any system.
pub(crate) fn check_path(path: &str) -> Result<()> {
    let bad = |reason| {
        Err(Error::BadPath {
            path: path.chars().take(200).collect(),
            reason,
        })
    };
    if path.is_empty() || path.len() > 1024 {
        return bad("it has between 1 and 1024 bytes");
    }
    if path.contains(|character: char| character.is_control() || matches!(character, '\\' | ':')) {
        return bad("it has no control characters, backslashes or colons");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return bad("it is relative, without empty parts, `.` and `..`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below() {
        for good in [
            "a",
            "logs/shop-1.log",
            "package/blobs/sha256/ab",
            ".hidden",
            "a b/é",
        ] {
            check_path(good).unwrap();
        }
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "a/../b",
            ".",
            "a\\b",
            "c:a",
            "a\0",
            "a\nb",
            &"a".repeat(1025),
        ] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }
}
