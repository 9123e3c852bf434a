//! The port between the engine and plugins: what a format, a target, a router and a check can be asked, what an effect is,
//! and what a call is granted. The engine calls it, the host implements it; neither knows the other.

pub mod bytes;
mod call;
mod check;
mod effect;
mod error;
mod format;
mod http;
mod lookup;
mod mask;
mod need;
mod plugins;
mod router;
mod target;

pub use call::{
    Address, Blob, Call, Endpoint, Fence, Folder, RegistryAccess, Searched, Secret, StateStore, Tls,
    TokenSource, Withhold,
};
pub use check::{Check, CheckDescription, Finding, FindingOutcome, Seen, Subject};
pub use effect::{
    Begin, Effect, EffectClass, EffectResult, OnlyReads, ReadOnly, RecordError, Recorder, Ticket, Unrecorded,
};
pub use error::{Blame, Failure, FailureKind, PluginError};
pub use format::{
    Artifact, Dependency, DependencyKind, File, Format, FormatDescription, Inspection, Origin, RenderInput,
    Rendered, Resolved, Workload,
};
pub use http::{Http, HttpAnswer, HttpRequest};
pub use lookup::{Capabilities, Lookup, Wanted};
pub use mask::{Mask, inside_json};
pub use need::{CLUSTER, Name, Need, NoNeed};
pub use plugins::{Kind, PluginInfo, Plugins, Profile};
pub use router::{Backend, Flow, ObservedRoute, Router, RouterAbilities, RouterDescription, Routing, Share};
pub use target::{
    Change, ChangeKind, Claim, Ended, Instance, InstanceSpec, InstanceState, LogChunk, Place, Port, Probed,
    Target, TargetAbilities, TargetDescription, Task,
};
