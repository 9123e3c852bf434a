//! One signature: what is signed, by whom, and about what.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use super::{PublicKey, bundle, simple};

/// One signature with what it signs: all that is needed to verify it, also later and elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    pub form: Form,
    /// What it was found in.
    pub manifest: Digest,
    #[serde(with = "encoded")]
    pub(super) payload: Vec<u8>,
    #[serde(with = "encoded")]
    pub(super) signature: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>
    SimpleSigning,
    /// <https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md>
    Bundle,
}

/// Why a signature says nothing of what it was found beside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Useless {
    #[error("none of these keys has made it")]
    Stranger,
    #[error("it is about {0}")]
    Other(String),
    #[error("it does not say {name} = \"{wanted}\"{}", said(.found.as_deref()))]
    Claim {
        name: String,
        wanted: String,
        found: Option<String>,
    },
    #[error("what is signed is no signature of an image: {0}")]
    Shape(String),
}

/// What a layer holds.
pub(super) struct Content {
    pub(super) form: Form,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// What somebody has signed.
pub(super) struct Statement {
    /// The digests that it is about, as written.
    pub(super) about: Vec<String>,
    pub(super) claims: BTreeMap<String, String>,
}

impl Signature {
    pub(super) fn new(manifest: Digest, content: Content) -> Self {
        let Content {
            form,
            payload,
            signature,
        } = content;
        Self {
            form,
            manifest,
            payload,
            signature,
        }
    }

    /// Who of these has signed that digest, with these claims among those of the signature.
    pub fn verify<'k>(
        &self,
        digest: &Digest,
        keys: impl IntoIterator<Item = &'k PublicKey>,
        claims: &BTreeMap<String, String>,
    ) -> Result<&'k PublicKey, Useless> {
        let signed = match self.form {
            Form::SimpleSigning => self.payload.clone(),
            Form::Bundle => bundle::signed(&self.payload),
        };
        let mut keys = keys.into_iter();
        let key = keys.find(|key| key.has_signed(&signed, &self.signature));
        let key = key.ok_or(Useless::Stranger)?;
        // Nothing of it is read before that.
        let statement = match self.form {
            Form::SimpleSigning => simple::read(&self.payload),
            Form::Bundle => bundle::read(&self.payload),
        };
        let statement = statement.map_err(Useless::Shape)?;
        if !statement.about.contains(&digest.to_string()) {
            return Err(Useless::Other(shown(&statement.about.join(", "))));
        }
        for (name, wanted) in claims {
            let found = statement.claims.get(name);
            if found != Some(wanted) {
                return Err(Useless::Claim {
                    name: name.clone(),
                    wanted: wanted.clone(),
                    found: found.map(|found| shown(found)),
                });
            }
        }
        Ok(key)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SimpleSigning => "a simple signature",
            Self::Bundle => "a Sigstore bundle",
        })
    }
}

/// As a JSON document has it; other values than text are written as they stand there.
pub(super) fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn said(found: Option<&str>) -> String {
    found.map_or_else(String::new, |found| format!(", but \"{found}\""))
}

pub(super) fn shown(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect()
}

/// Bytes in a document of text.
mod encoded {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
