//! The guest kit: what a Slipway plugin in Rust is written with. A plugin implements one trait ([`Format`], [`Target`],
//! [`Router`] or [`Check`]) with settings of its own type, and exports it with one macro:
//!
//! ```ignore
//! struct Tarball;
//! impl slipway_sdk::Format for Tarball { /* ... */ }
//! slipway_sdk::export_format!(Tarball);
//! ```
//!
//! A panic is logged with its place before the plugin traps. Outside wasm everything compiles, so that a plugin's
//! pure parts are tested with `cargo test`; only a capability called there panics. With the feature `native` the same macro
//! makes a native library of it there, which `slipway` loads where the operator trusts it. The meaning of every verb and
//! capability is written in the contract, `sdk/wit`. Not here: anything of the host.

#[rustfmt::skip]
#[allow(unreachable_pub, clippy::unwrap_used, reason = "generated")]
#[expect(unsafe_code, reason = "generated; the canonical ABI is raw memory")]
pub mod bindings;

mod about;
mod changes;
mod check;
mod duration;
mod failure;
mod format;
mod guard;
pub mod http;
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
pub mod native;
mod origin;
pub mod process;
mod router;
mod settings;
mod target;

pub use about::About;
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
use bindings::capabilities::slipway::plugin as capabilities;
pub use bindings::capabilities::slipway::plugin::types::{EffectClass, Failure, FailureKind, File};
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
use native::capabilities;

pub use capabilities::{blobs, clock, exec, files, log, lookup, progress, registry, state};
pub use changes::changes;
pub use check::{Check, CheckAdapter, Finding, FindingOutcome, Subject, SubjectInstance, SubjectPort, Tally};
pub use duration::Duration;
pub use format::{
    Artifact, Dependency, DependencyKind, Format, FormatAdapter, Inspection, Origin, RenderInput, Rendered,
    Resolved, Workload,
};
pub use origin::origins;
pub use router::{
    Backend, Baseline, Flow, ObservedRoute, Router, RouterAbilities, RouterAdapter, Routing, Share,
};
pub use settings::Place;
pub use target::{
    Abilities, Change, ChangeKind, Claim, Ended, Instance, InstanceSpec, InstanceState, LogChunk, Port,
    Probed, Target, TargetAdapter, Task,
};
