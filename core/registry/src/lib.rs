//! Where immutable bytes live: OCI distribution and OCI layout folders. Push, pull, copy, resolve, always by digest.
//!
//! Blobs are streamed: memory does not grow with their size, and every byte is hashed on its way. Credentials come
//! from the caller, per host. Nothing here prints, reads the environment or knows what an artifact is for.

mod artifact;
mod copy;
mod credentials;
mod descriptor;
mod error;
mod fetch;
mod http;
mod ingest;
mod inspect;
mod layout;
mod manifest;
mod progress;
mod reference;
mod repository;
mod retry;
mod stream;
mod url;

pub use artifact::ManifestBuilder;
pub use copy::{CopyOptions, CopyReport, copy, copy_blob};
pub use credentials::{Anonymous, Credentials, Login, docker_config};
pub use descriptor::{Descriptor, Platform, media};
pub use error::{Cause, Error};
pub use fetch::{Fetch, fetch_url};
pub use http::Client;
pub use inspect::{Inspection, Variant, inspect};
pub use manifest::{Manifest, ManifestKind, StoredManifest};
pub use progress::{Event, Progress, Silent};
pub use reference::{Reference, ReferenceError, RepositoryName, Tag};
pub use repository::{Registry, Repository};
pub use retry::Patience;
pub use stream::BlobStream;
pub use url::{Location, RegistryUrl};
