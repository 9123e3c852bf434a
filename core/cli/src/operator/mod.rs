//! The operator's file: addresses, credentials and secrets of this machine, outside of any service's folder.
//!
//! Looked for at `$SLIPWAY_OPERATOR`, then `$XDG_CONFIG_HOME/slipway/operator.toml` (`~/.config/slipway/operator.toml`).
//! Every credential is a source (`secret_source.rs`) that is read at the moment of use.

mod agent;
mod archive;
mod buckets;
mod clusters;
mod credential;
mod encrypted;
mod endpoints;
mod file;
mod grants;
mod ledger;
mod native;
mod place;
mod port;
mod registries;
mod secret_source;
mod secrets;
mod trust;

pub(crate) use file::OperatorFile;
pub(crate) use place::home;
pub(crate) use trust::public_key;
