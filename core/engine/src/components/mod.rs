//! The components of the plugins that a manifest brings: found in a file, in a registry or on the web, verified, and held
//! to what `deploy.lock` says.
//!
//! Only bytes: what is in them is the host's business. Nothing is journalled here, because a run needs its plugins
//! before it begins; it then records which ones it was begun with.

mod cache;
mod find;

pub use cache::Cache;
pub use find::{Component, Components, References, Refusal};
