//! The only user of wasmtime and of native libraries: loads components, grants them capabilities, limits them, records every effect they
//! have, and so implements the port for formats, targets, routers and checks. It knows nothing of any of them, and nothing of
//! steps, strategies or the journal.

mod archive;
mod bindings;
mod blocking;
mod bytes;
mod cache;
mod capabilities;
mod compiling;
mod component;
mod contract;
mod effect;
mod engine;
mod folder;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod grants;
mod host;
mod limits;
mod loaded;
mod native;
mod outgoing;
mod precompiled;
mod roles;
mod script;
mod secrets;
mod session;
mod shape;
mod shipped;
mod source;
mod trap;
mod words;

pub use grants::Grants;
pub use host::{Beside, Embedded, Host, precompile};
pub use limits::{Limits, LimitsOf};
pub use native::{Native, serve as serve_native};
