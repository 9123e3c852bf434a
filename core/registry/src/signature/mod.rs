//! Signatures as `cosign` makes them with a key pair: found beside what they are about, and held against public keys.
//!
//! Two forms are written by it: a list of signed payloads under the tag `sha256-<hex>.sig`, and Sigstore bundles that
//! name their subject. Certificates and transparency logs are not looked at: a key is trusted, or it is not.

mod bundle;
mod find;
mod key;
mod sign;
mod signed;
mod simple;
#[cfg(test)]
mod tests;

pub use find::{Signatures, signatures};
pub use key::PublicKey;
pub use sign::{Signer, sign};
use signed::{Content, Statement, shown, text};
pub use signed::{Form, Signature, Useless};
