//! Signatures as `cosign` makes them, made with OpenSSL: whoever has a key can also make what `cosign` would not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use slipway_model::Digest;

use crate::{Bench, Storage, installed};

/// Of ECDSA on P-256.
pub struct Key {
    private: PathBuf,
    scratch: PathBuf,
}

const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

impl Key {
    /// With its public one in `NAME.pub`.
    pub fn new(bench: &Bench, name: &str) -> Self {
        let private = bench.path(&format!("{name}.pem"));
        let key = private.display().to_string();
        openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &key,
        ]);
        let public = bench.path(&format!("{name}.pub")).display().to_string();
        openssl(&["pkey", "-in", &key, "-pubout", "-out", &public]);
        Self {
            private,
            scratch: bench.path(&format!("{name}.scratch")),
        }
    }

    /// Of another kind, into these files.
    pub fn ed25519(private: &Path, public: &Path) {
        let [private, public] = [private, public].map(|path| path.display().to_string());
        openssl(&["genpkey", "-algorithm", "ed25519", "-out", &private]);
        openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
    }

    /// In Base64.
    pub fn sign(&self, content: &[u8]) -> String {
        fs::write(&self.scratch, content).expect("a file can be written");
        let (key, content) = (self.private.display(), self.scratch.display());
        let signature = openssl(&["dgst", "-sha256", "-sign", &key.to_string(), &content.to_string()]);
        STANDARD.encode(signature)
    }

    /// A layer that signs this payload.
    pub fn simple(&self, storage: &Storage, repository: &str, payload: &Value) -> Value {
        let payload = payload.to_string();
        let mut layer = storage.blob(repository, SIMPLE, payload.as_bytes());
        let signature = self.sign(payload.as_bytes());
        layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature });
        layer
    }

    /// A bundle that signs this statement.
    pub fn bundle(&self, statement: &Value) -> Value {
        let (payload, kind) = (statement.to_string(), "application/vnd.in-toto+json");
        let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
        json!({
            "mediaType": BUNDLE,
            "verificationMaterial": { "publicKey": { "hint": "any" } },
            "dsseEnvelope": {
                "payload": STANDARD.encode(&payload),
                "payloadType": kind,
                "signatures": [{ "sig": self.sign(signed.as_bytes()) }],
            },
        })
    }
}

/// What is signed in the older form.
pub fn payload(digest: Digest, optional: Value) -> Value {
    json!({
        "critical": {
            "identity": { "docker-reference": "registry.example/web" },
            "image": { "docker-manifest-digest": digest },
            "type": "cosign container image signature",
        },
        "optional": optional,
    })
}

/// What is signed in the newer form.
pub fn statement(digest: Digest, annotations: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "digest": { "sha256": digest.hex() }, "annotations": annotations }],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    })
}

/// Under the tag at which `cosign` looks.
pub fn attach_simple(storage: &Storage, repository: &str, about: Digest, layers: &[Value]) {
    let manifest = storage.manifest(repository, layers, json!({}));
    storage.tag(repository, &format!("sha256-{}.sig", about.hex()), manifest);
}

/// In the list of what refers to it, which registries without an API for that have under a tag.
pub fn attach_bundles(storage: &Storage, repository: &str, about: Digest, bundles: &[Value]) {
    let listed = bundles.iter().map(|bundle| {
        let layer = storage.blob(repository, BUNDLE, bundle.to_string().as_bytes());
        let more = json!({ "artifactType": BUNDLE, "subject": storage.described(about) });
        storage.described(storage.manifest(repository, &[layer], more))
    });
    let listed: Vec<_> = listed.collect();
    let index = storage.index(repository, &listed);
    storage.tag(repository, &format!("sha256-{}", about.hex()), index);
}

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let done = Command::new(installed("openssl", "openssl"))
        .args(arguments)
        .output()
        .expect("openssl can be started");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}
