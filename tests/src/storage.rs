//! The disk of a registry, in the hands of somebody who may do with it what they like.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use slipway_model::Digest;

use crate::Bench;

/// What `docker-registry` keeps its repositories in.
pub struct Storage {
    root: PathBuf,
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

impl Storage {
    /// Of the server of this name.
    pub fn of(bench: &Bench, name: &str) -> Self {
        Self {
            root: bench.path(name).join("data/docker/registry/v2"),
        }
    }

    /// Bytes as a blob of a repository; answers how a manifest names it.
    pub fn blob(&self, repository: &str, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        write(&self.data(digest), bytes);
        self.link(repository, "_layers/sha256", digest);
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    }

    /// A manifest of these blobs, with whatever it has besides.
    pub fn manifest(&self, repository: &str, layers: &[Value], more: Value) -> Digest {
        let config = self.blob(repository, "application/vnd.oci.empty.v1+json", b"{}");
        let mut manifest =
            json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
        if let Value::Object(more) = more {
            manifest.as_object_mut().expect("an object").extend(more);
        }
        self.put(repository, manifest.to_string().as_bytes())
    }

    pub fn index(&self, repository: &str, manifests: &[Value]) -> Digest {
        let media_type = "application/vnd.oci.image.index.v1+json";
        let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests });
        self.put(repository, index.to_string().as_bytes())
    }

    /// How a list names a manifest, or a manifest its subject.
    pub fn described(&self, manifest: Digest) -> Value {
        let size = self.read(manifest).len();
        json!({ "mediaType": MANIFEST, "digest": manifest, "size": size })
    }

    pub fn tag(&self, repository: &str, tag: &str, manifest: Digest) {
        let tags = format!("_manifests/tags/{tag}");
        self.link(repository, &format!("{tags}/index/sha256"), manifest);
        let current = self.repository(repository).join(tags).join("current/link");
        write(&current, manifest.to_string().as_bytes());
    }

    pub fn untag(&self, repository: &str, tag: &str) {
        let folder = self.repository(repository).join("_manifests/tags").join(tag);
        fs::remove_dir_all(folder).expect("there is such a tag");
    }

    pub fn tagged(&self, repository: &str, tag: &str) -> Digest {
        let link = format!("_manifests/tags/{tag}/current/link");
        let text = fs::read_to_string(self.repository(repository).join(link)).expect("there is such a tag");
        text.parse().expect("a link is a digest")
    }

    pub fn read(&self, digest: Digest) -> Vec<u8> {
        fs::read(self.data(digest)).expect("there is such a blob")
    }

    /// Other bytes of the same length under the same name.
    pub fn corrupt(&self, digest: Digest) {
        let mut bytes = self.read(digest);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        write(&self.data(digest), &bytes);
    }

    fn put(&self, repository: &str, manifest: &[u8]) -> Digest {
        let digest = Digest::of(manifest);
        write(&self.data(digest), manifest);
        self.link(repository, "_manifests/revisions/sha256", digest);
        digest
    }

    fn link(&self, repository: &str, kind: &str, digest: Digest) {
        let folder = self.repository(repository).join(kind).join(digest.hex());
        write(&folder.join("link"), digest.to_string().as_bytes());
    }

    fn repository(&self, name: &str) -> PathBuf {
        self.root.join("repositories").join(name)
    }

    fn data(&self, digest: Digest) -> PathBuf {
        let hex = digest.hex();
        self.root
            .join("blobs/sha256")
            .join(&hex[..2])
            .join(hex)
            .join("data")
    }
}

fn write(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).expect("a folder can be made");
    fs::write(path, bytes).expect("a file can be written");
}
