//! What came over the network for plugins, on this machine: bytes by digest, and what tags meant before a release locked
//! them. Losing it costs a transfer; what is damaged in it is as good as not there.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_model::Digest;

use crate::{files, trust::Admitted};

#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// What a reference into a registry leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Meant {
    pub(super) component: Digest,
    pub(super) manifest: Option<Digest>,
}

impl Cache {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Bytes of this digest, if they are here and whole.
    pub(super) fn get(&self, digest: Digest, limit: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(self.blob(digest)).ok()?;
        file.take(limit).read_to_end(&mut bytes).ok()?;
        (Digest::of(&bytes) == digest).then_some(bytes)
    }

    pub(super) fn put(&self, bytes: &[u8]) {
        self.write(&self.blob(Digest::of(bytes)), bytes);
    }

    /// What a service's reference, with its registry, meant when it was last asked for.
    pub(super) fn meant(&self, reference: &str) -> Option<Meant> {
        serde_json::from_slice(&fs::read(self.reference(reference)).ok()?).ok()
    }

    pub(super) fn remember(&self, reference: &str, meant: Meant) {
        let json = json!(meant).to_string();
        self.write(&self.reference(reference), json.as_bytes());
    }

    /// What was said for a manifest when it was held against a policy: to be verified anew, like anything in here.
    pub(super) fn admitted(&self, place: &str) -> Option<Admitted> {
        serde_json::from_slice(&fs::read(self.word(place)).ok()?).ok()
    }

    pub(super) fn admit(&self, place: &str, admitted: &Admitted) {
        let json = json!(admitted).to_string();
        self.write(&self.word(place), json.as_bytes());
    }

    /// Where bytes of this digest are to be, in a folder that is there.
    pub(super) fn place(&self, digest: Digest) -> io::Result<PathBuf> {
        let blob = self.blob(digest);
        create(&blob)?;
        Ok(blob)
    }

    fn blob(&self, digest: Digest) -> PathBuf {
        self.folder.join("blobs").join(digest.hex())
    }

    fn word(&self, place: &str) -> PathBuf {
        self.folder.join("admitted").join(Digest::of(place).hex())
    }

    fn reference(&self, reference: &str) -> PathBuf {
        self.folder.join("references").join(Digest::of(reference).hex())
    }

    /// That it cannot be kept is no failure.
    fn write(&self, path: &Path, bytes: &[u8]) {
        let written = create(path)
            .map_err(|error| error.to_string())
            .and_then(|()| files::write_atomically(path, bytes).map_err(|failed| failed.message));
        if let Err(error) = written {
            tracing::warn!(%error, "what was fetched for plugins cannot be kept");
        }
    }
}

fn create(path: &Path) -> io::Result<()> {
    let parent = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_or_too_large_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("a/b"));
        let digest = Digest::of("hello");
        assert_eq!(cache.get(digest, 9), None);
        cache.put(b"hello");
        assert_eq!(cache.get(digest, 5).unwrap(), b"hello");
        assert_eq!(cache.get(digest, 4), None);
        fs::write(cache.blob(digest), "jello").unwrap();
        assert_eq!(cache.get(digest, 9), None);
        cache.put(b"hello");
        assert_eq!(cache.get(digest, 9).unwrap(), b"hello");

        let meant = Meant {
            component: digest,
            manifest: None,
        };
        assert_eq!(cache.meant("registry/a:1"), None);
        cache.remember("registry/a:1", meant);
        assert_eq!(cache.meant("registry/a:1"), Some(meant));
        fs::write(cache.reference("registry/a:1"), "{").unwrap();
        assert_eq!(cache.meant("registry/a:1"), None);
    }
}
