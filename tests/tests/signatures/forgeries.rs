//! What somebody can do who may write to a registry, or who has its disk.

use serde_json::json;
use slipway_model::Digest;
use slipway_tests::{attach_bundles, attach_simple, payload, statement};

use crate::stand::{Stand, packed};

/// One way to put something else in front of a release: what is done to a repository that is good.
pub(crate) struct Forgery {
    pub(crate) name: &'static str,
    /// What a person is told.
    pub(crate) told: &'static str,
    pub(crate) repository: &'static str,
    pub(crate) forge: fn(&Stand, &str, Digest),
}

pub(crate) fn sig(digest: Digest) -> String {
    format!("sha256-{}.sig", digest.hex())
}

pub(crate) fn other() -> Digest {
    Digest::of("another image, that was signed")
}

pub(crate) const FORGERIES: [Forgery; 13] = [
    Forgery {
        name: "the signature is taken away",
        told: "nobody has signed",
        repository: "team/a",
        forge: |stand, at, digest| stand.storage.untag(at, &sig(digest)),
    },
    Forgery {
        name: "signed with another key",
        told: "none of these keys has made it",
        repository: "team/b",
        forge: |stand, at, digest| stand.sign(&stand.stranger, at, digest),
    },
    Forgery {
        name: "the signature of another image",
        told: "it is about sha256:",
        repository: "team/c",
        forge: |stand, at, digest| {
            let layer = stand
                .release
                .simple(&stand.storage, at, &payload(other(), json!({})));
            attach_simple(&stand.storage, at, digest, &[layer]);
        },
    },
    Forgery {
        name: "the bundle of another image",
        told: "it is about sha256:",
        repository: "team/d",
        forge: |stand, at, digest| {
            stand.storage.untag(at, &sig(digest));
            let bundle = stand.release.bundle(&statement(other(), json!({})));
            attach_bundles(&stand.storage, at, digest, &[bundle]);
        },
    },
    Forgery {
        name: "a payload that was changed after it was signed",
        told: "none of these keys has made it",
        repository: "team/e",
        forge: |stand, at, digest| {
            let signed = stand
                .release
                .simple(&stand.storage, at, &payload(other(), json!({})));
            let mut layer = stand
                .stranger
                .simple(&stand.storage, at, &payload(digest, json!({})));
            layer["annotations"] = signed["annotations"].clone();
            attach_simple(&stand.storage, at, digest, &[layer]);
        },
    },
    Forgery {
        name: "a bundle that says something else of the image",
        told: "nobody has signed",
        repository: "team/f",
        forge: |stand, at, digest| {
            stand.storage.untag(at, &sig(digest));
            let mut attested = statement(digest, json!({}));
            attested["predicateType"] = json!("https://spdx.dev/Document");
            let bundle = stand.release.bundle(&attested);
            attach_bundles(&stand.storage, at, digest, &[bundle]);
        },
    },
    Forgery {
        name: "a bundle made with a certificate of one's own",
        told: "made with a certificate",
        repository: "team/g",
        forge: |stand, at, digest| {
            stand.storage.untag(at, &sig(digest));
            let mut bundle = stand.stranger.bundle(&statement(digest, json!({})));
            bundle["verificationMaterial"] = json!({ "certificate": { "rawBytes": "" } });
            attach_bundles(&stand.storage, at, digest, &[bundle]);
        },
    },
    Forgery {
        name: "signed for another use",
        told: "it does not say env = \"prod\", but \"test\"",
        repository: "team/strict/h",
        forge: |stand, at, digest| {
            let payload = payload(digest, json!({ "env": "test" }));
            let layer = stand.release.simple(&stand.storage, at, &payload);
            attach_simple(&stand.storage, at, digest, &[layer]);
        },
    },
    Forgery {
        name: "a signature whose payload is damaged on the disk",
        told: "wrong bytes",
        repository: "team/i",
        forge: |stand, at, digest| {
            let found = stand.storage.read(stand.storage.tagged(at, &sig(digest)));
            let found: serde_json::Value = serde_json::from_slice(&found).unwrap();
            let payload = found["layers"][0]["digest"].as_str().unwrap();
            stand.storage.corrupt(payload.parse().unwrap());
        },
    },
    Forgery {
        name: "the tag moved to what a stranger has signed",
        told: "none of these keys has made it",
        repository: "team/j",
        forge: |stand, at, _| {
            let moved = stand.push(at, "1", &packed(&stand.bench, b"evil"));
            stand.sign(&stand.stranger, at, moved);
        },
    },
    Forgery {
        name: "the tag moved to what nobody has signed",
        told: "nobody has signed",
        repository: "team/k",
        forge: |stand, at, _| {
            stand.push(at, "1", &packed(&stand.bench, b"evil"));
        },
    },
    Forgery {
        name: "the manifest replaced on the disk",
        told: "wrong bytes",
        repository: "team/l",
        forge: |stand, _, digest| stand.storage.corrupt(digest),
    },
    Forgery {
        name: "the file replaced on the disk, and mounted",
        told: "wrong bytes",
        repository: "team/m",
        forge: |stand, _, digest| {
            let manifest: serde_json::Value = serde_json::from_slice(&stand.storage.read(digest)).unwrap();
            let file = manifest["layers"][0]["digest"].as_str().unwrap();
            stand.storage.corrupt(file.parse().unwrap());
        },
    },
];
