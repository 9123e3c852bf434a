//! deploy.toml as written: every key with its documentation, nothing resolved, nothing defaulted.
//!
//! These declarations are the only list of keys: the parser, the JSON Schema and the test of the reference read them.

mod analysis;
mod artifact;
mod check;
mod document;
mod environment;
mod hook;
mod parameter;
mod strategy;

pub(crate) use analysis::{Analysis, Logs, Metrics, Traffic};
pub(crate) use artifact::{Artifact, Dependency, Plugin, Source};
pub(crate) use check::{Check, CheckPlugin, Http, JsonValue};
pub(crate) use document::{Config, Document};
pub(crate) use environment::{Binding, Cluster, Environment, Freeze, Overlay, Placement, Window};
pub(crate) use hook::Hook;
pub(crate) use parameter::Parameter;
pub(crate) use strategy::{Step, Strategy, StrategyType};
