//! Public keys in PEM, as `cosign generate-key-pair` and `openssl pkey -pubout` write them.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject as _};
use sha2::{Digest as _, Sha512};
use slipway_model::Digest;

/// Whoever signs.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: &'static Kind,
    bytes: Vec<u8>,
    fingerprint: Digest,
}

/// Whether a key has signed a content: both, and the signature.
type Signed = fn(&[u8], &[u8], &[u8]) -> bool;

struct Kind {
    name: &'static str,
    /// What stands before the key itself in a SubjectPublicKeyInfo (RFC 5480, RFC 8410).
    prefix: &'static [u8],
    length: usize,
    /// Tools differ in what they hash with: any of these is meant.
    signed: &'static [Signed],
}

/// Before an Ed25519 key.
const PLAIN: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

const KINDS: [Kind; 3] = [
    Kind {
        name: "ECDSA P-256",
        prefix: &[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ],
        length: 65,
        signed: &[|key, content, signature| by(&ECDSA_P256_SHA256_ASN1, key, content, signature)],
    },
    Kind {
        name: "ECDSA P-384",
        prefix: &[
            0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
            0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
        ],
        length: 97,
        signed: &[
            |key, content, signature| by(&ECDSA_P384_SHA384_ASN1, key, content, signature),
            |key, content, signature| by(&ECDSA_P384_SHA256_ASN1, key, content, signature),
        ],
    },
    Kind {
        name: "Ed25519",
        prefix: &PLAIN,
        length: 32,
        signed: &[
            |key, content, signature| by(&ED25519, key, content, signature),
            prehashed,
        ],
    },
];

impl PublicKey {
    /// From the text of a file.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem)
            .map_err(|_| "there is no `-----BEGIN PUBLIC KEY-----` in it".to_owned())?;
        Self::from_der(key.as_ref())
    }

    /// Of 32 bytes.
    pub(super) fn ed25519(bytes: &[u8]) -> Self {
        Self::from_der(&[PLAIN.as_slice(), bytes].concat()).expect("a key of this kind is known")
    }

    fn from_der(der: &[u8]) -> Result<Self, String> {
        let known = KINDS.iter().find_map(|kind| {
            let bytes = der.strip_prefix(kind.prefix)?;
            (bytes.len() == kind.length).then(|| (kind, bytes.to_vec()))
        });
        let (kind, bytes) = known.ok_or_else(|| {
            let kinds = KINDS.map(|kind| kind.name);
            format!("it is a key of another kind than {}", kinds.join(", "))
        })?;
        Ok(Self {
            kind,
            bytes,
            fingerprint: Digest::of(der),
        })
    }

    /// Of its SubjectPublicKeyInfo, as `openssl pkey -pubin -outform der | sha256sum` prints it.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    pub(super) fn has_signed(&self, content: &[u8], signature: &[u8]) -> bool {
        let mut ways = self.kind.signed.iter();
        ways.any(|signed| signed(&self.bytes, content, signature))
    }
}

fn by(algorithm: &'static dyn VerificationAlgorithm, key: &[u8], content: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(algorithm, key)
        .verify(content, signature)
        .is_ok()
}

/// Ed25519ph (RFC 8032): over the SHA-512 of the content, as `cosign` signs bundles.
fn prehashed(key: &[u8], content: &[u8], signature: &[u8]) -> bool {
    let verified = || {
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let signature = Signature::from_slice(signature).ok()?;
        let hash = Sha512::new_with_prefix(content);
        key.verify_prehashed_strict(hash, None, &signature).ok()
    };
    verified().is_some()
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} key {}", self.kind.name, self.fingerprint)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}
