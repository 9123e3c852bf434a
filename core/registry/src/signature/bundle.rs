//! The newer form: a Sigstore bundle, which holds a signed envelope (DSSE) with an in-toto statement about the image.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::{Content, Form, Statement, text};

/// Of a layer, and of the bundle itself.
pub(super) const LAYER: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(super) const BUNDLE_LIMIT: u64 = 512 << 10;

const PAYLOAD: &str = "application/vnd.in-toto+json";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// That an image is signed; other predicates say other things of it.
const SIGNED: &str = "https://sigstore.dev/cosign/sign/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    media_type: String,
    verification_material: Value,
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InToto {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
}

#[derive(Deserialize)]
struct Subject {
    digest: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, Value>,
}

/// What whoever attached it says of it, so that SBOMs and the like need not be fetched. A lie only hides a signature.
pub(super) fn is_about_something_else(annotations: &BTreeMap<String, String>) -> bool {
    let predicate = annotations.get("dev.sigstore.bundle.predicateType");
    predicate.is_some_and(|predicate| predicate != SIGNED)
}

/// None if it is about something else than that an image is signed.
pub(super) fn open(bundle: &[u8]) -> Result<Option<Content>, String> {
    let bundle: Bundle = serde_json::from_slice(bundle).map_err(|error| error.to_string())?;
    if bundle.media_type != LAYER {
        return Err(format!(
            "it is a bundle of another version: {}",
            super::shown(&bundle.media_type)
        ));
    }
    let envelope = bundle.dsse_envelope.ok_or("it holds no envelope")?;
    let [signed] = envelope.signatures.as_slice() else {
        return Err(format!("it holds {} signatures", envelope.signatures.len()));
    };
    if envelope.payload_type != PAYLOAD {
        return Err(format!("its payload is {}", super::shown(&envelope.payload_type)));
    }
    let decode = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
    let (payload, signature) = (decode(&envelope.payload)?, decode(&signed.sig)?);
    // Only to sort: what counts is read when it is verified.
    let about: Option<InToto> = serde_json::from_slice(&payload).ok();
    if about.is_some_and(|statement| statement.predicate_type != SIGNED) {
        return Ok(None);
    }
    if bundle.verification_material.get("publicKey").is_none() {
        return Err("it is made with a certificate, and only key pairs are trusted".to_owned());
    }
    Ok(Some(Content {
        form: Form::Bundle,
        payload,
        signature,
    }))
}

/// What the signature is over: <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>
pub(super) fn signed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

pub(super) fn read(payload: &[u8]) -> Result<Statement, String> {
    let statement: InToto = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    if statement.kind != STATEMENT || statement.predicate_type != SIGNED {
        return Err(format!(
            "it is a {} with {}",
            super::shown(&statement.kind),
            super::shown(&statement.predicate_type)
        ));
    }
    // Claims are of their subject, so that there can be one alone.
    let [subject] = <[Subject; 1]>::try_from(statement.subject)
        .map_err(|subjects| format!("it has {} subjects", subjects.len()))?;
    let sha256 = subject.digest.get("sha256").ok_or("its subject has no sha256")?;
    Ok(Statement {
        about: vec![format!("sha256:{sha256}")],
        claims: subject
            .annotations
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    })
}
