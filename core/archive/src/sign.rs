//! Signatures of entries: Ed25519, over the bytes of an entry's manifest, which names everything that is in the entry and
//! the entry before. What is signed says of which media type it is, so that a signature means nothing elsewhere (the encoding is that of
//! DSSE, <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>).

use std::{collections::BTreeMap, fmt, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, pem::PemObject as _};
use slipway_model::Digest;

use crate::{Error, Result};

const SIGNER: &str = "vnd.slipway.archive.signer";
const SIGNATURE: &str = "vnd.slipway.archive.signature";
/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const MAKE: &str = "`openssl genpkey -algorithm ed25519 -out archive.pem` makes one";

/// Signs the entries that are appended.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

/// Whoever signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) signer: PublicKey,
    bytes: [u8; 64],
}

impl SigningKey {
    /// From a PEM file, as `openssl genpkey -algorithm ed25519` writes it.
    pub fn read(path: &Path) -> Result<Self> {
        let bad = |reason: String| Error::BadKey {
            path: path.to_owned(),
            reason,
            next: MAKE,
        };
        let pem = fs::read(path).map_err(Error::io("read", path.display()))?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|error| bad(error.to_string()))?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der());
        pair.map(Self).map_err(|error| bad(error.to_string()))
    }

    pub fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(key)
    }

    pub(crate) fn sign(&self, media_type: &str, content: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(&encoded(media_type, content)).as_ref());
        Signature {
            signer: self.public(),
            bytes,
        }
    }
}

impl PublicKey {
    /// From a PEM file, as `openssl pkey -pubout` writes it.
    pub fn read(path: &Path) -> Result<Self> {
        let bad = |reason: String| Error::BadKey {
            path: path.to_owned(),
            reason,
            next: "`openssl pkey -in archive.pem -pubout` prints that of a key",
        };
        let pem = fs::read(path).map_err(Error::io("read", path.display()))?;
        let key = SubjectPublicKeyInfoDer::from_pem_slice(&pem).map_err(|error| bad(error.to_string()))?;
        let bytes = key
            .as_ref()
            .strip_prefix(&SPKI)
            .and_then(|key| key.try_into().ok());
        let bytes = bytes.ok_or_else(|| bad("it is no public Ed25519 key".to_owned()))?;
        Ok(Self(bytes))
    }
}

/// By the beginning of its digest.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", Digest::of(self.0).short())
    }
}

impl Signature {
    pub(crate) fn holds(&self, media_type: &str, content: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.signer.0);
        key.verify(&encoded(media_type, content), &self.bytes).is_ok()
    }

    pub(crate) fn annotations(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (SIGNER.to_owned(), STANDARD.encode(self.signer.0)),
            (SIGNATURE.to_owned(), STANDARD.encode(self.bytes)),
        ])
    }

    /// None where there is none, or none that can be read.
    pub(crate) fn of(annotations: &BTreeMap<String, String>) -> Option<Self> {
        let bytes = |name: &str| STANDARD.decode(annotations.get(name)?).ok();
        Some(Self {
            signer: PublicKey(bytes(SIGNER)?.try_into().ok()?),
            bytes: bytes(SIGNATURE)?.try_into().ok()?,
        })
    }
}

fn encoded(media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {media_type} {} ", media_type.len(), content.len()).into_bytes();
    bytes.extend_from_slice(content);
    bytes
}
