//! Where immutable bytes live: OCI distribution, OCI layout folders, and archives in one file. Push, pull, copy, import,
//! bundle, resolve, always by digest.
//!
//! Blobs are streamed: memory does not grow with their size, and every byte is hashed on its way. Credentials come
//! from the caller, per host. Nothing here prints, reads the environment or knows what an artifact is for.

mod archive;
mod artifact;
mod bundle;
mod copy;
mod credentials;
mod descriptor;
mod error;
mod fetch;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod http;
mod ingest;
mod inspect;
mod layout;
mod manifest;
mod platform;
mod progress;
mod reference;
mod referrers;
mod repository;
mod retry;
mod signature;
mod stream;
mod url;

/// Images out of the files of `docker save` and the like.
pub use archive::{ImportOptions, Imported, import};
pub use artifact::ManifestBuilder;
/// One file for a site without a network.
pub use bundle::{read_bundle, write_bundle};
pub use copy::{CopyOptions, CopyReport, Narrowed, copy, copy_blob, copy_platforms};
pub use credentials::{Anonymous, Credentials, Login, docker_config};
pub use descriptor::{Descriptor, Platform, media};
pub use error::{Cause, Error};
pub use fetch::{Fetch, fetch_now, fetch_url, without_tls};
pub use http::Client;
pub use inspect::{Inspection, Variant, inspect};
pub use manifest::{Manifest, ManifestKind, StoredManifest};
/// The image of an index for one platform.
pub use platform::platform;
pub use progress::{Event, Progress, Silent};
pub use reference::{Reference, ReferenceError, RepositoryName, Tag};
/// Signatures, SBOMs, attestations: what is about an image.
pub use referrers::{Referrer, referrers};
pub use repository::{Registry, Repository};
pub use retry::Patience;
/// Those of cosign, by key pairs.
pub use signature::{Form, PublicKey, Signature, Signatures, Signer, Useless, sign, signatures};
pub use stream::BlobStream;
pub use url::{Location, RegistryUrl};
