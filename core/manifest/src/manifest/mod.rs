//! The normalised manifest: names resolved, overlays in order, defaults applied. What plans and archives hold.
//!
//! Nothing here refers to another part by name where the part itself can stand: an environment carries its strategy, and
//! the strategy its checks and analyses, so a reader never looks anything up.

mod analysis;
mod calendar;
mod check;
mod environment;
mod glob;
mod hook;
mod quantity;
mod service;
mod settings;
mod source;
mod strategy;

pub use analysis::{
    Analysis, Comparison, Direction, Evidence, Level, LogBounds, MetricBounds, MetricSource, OnInconclusive,
    StatusClass, TrafficBounds, TrafficEvents, ValueFrom,
};
pub use calendar::{Days, Freeze, Moment, TimeOfDay, Window, Zone};
pub use check::{BodyMatch, Check, HttpProbe, JsonExpectation, Port, Probe, Runner};
pub use environment::{Binding, Clusters, Environment, Placement};
pub use glob::Glob;
pub use hook::{Hook, HookFailure, HookMoment, HookPlace};
pub use quantity::{Amount, Rate};
pub use service::{Artifact, Config, Grants, Manifest, Plugin, Service};
pub(crate) use settings::pointer;
pub use settings::{Place, Settings};
pub use source::{Dependency, Reference, Registry, RegistryError, Source, SourceError};
pub use strategy::{Method, OnFailure, Step, Strategy};
