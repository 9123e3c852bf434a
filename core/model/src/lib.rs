//! Plain data that every other crate speaks: ids, diagnostics, plan, event. No I/O, no clock, no randomness.

mod diagnostic;
mod digest;
mod duration;
mod name;
mod plan;

pub use diagnostic::{Diagnostic, Label, Severity, Span};
pub use digest::{Digest, DigestError, Hasher};
pub use duration::{Duration, DurationError};
pub use name::{EnvironmentName, InstanceName, NameError, RunId, ServiceName};
pub use plan::{Action, Baseline, Fleet, Plan, RouteShare};
