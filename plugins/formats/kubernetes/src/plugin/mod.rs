//! The plugin: the contract's verbs on top of what the rest of this crate makes of files.

mod inspect;
mod ports;
mod relocate;
mod render;
mod secrets;
mod settings;
mod sources;
mod verbs;
mod workload;

pub use verbs::Kubernetes;
