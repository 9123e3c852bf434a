//! The older form: a layer is the payload, its annotation the signature.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Statement, text};

pub(super) const LAYER: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
pub(super) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// A certificate beside the signature: whoever made it had no key to keep.
pub(super) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
pub(super) const PAYLOAD_LIMIT: u64 = 64 << 10;

pub(super) const TYPE: &str = "cosign container image signature";

#[derive(Deserialize)]
struct Payload {
    critical: Critical,
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: String,
}

pub(super) fn read(payload: &[u8]) -> Result<Statement, String> {
    let Payload { critical, optional } =
        serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    if critical.kind != TYPE {
        return Err(format!("its type is `{}`", super::shown(&critical.kind)));
    }
    let claims = optional.unwrap_or_default();
    Ok(Statement {
        about: vec![critical.image.docker_manifest_digest],
        claims: claims
            .into_iter()
            .map(|(name, value)| (name, text(&value)))
            .collect(),
    })
}
