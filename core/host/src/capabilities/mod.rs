//! What a plugin can ask of the host, one capability a file. Each says its request as it is recorded, its effect class
//! and what is performed; the recording is `effect`'s, the granting is the call's.

mod blobs;
mod clock;
mod exec;
mod files;
mod http;
mod link;
mod log;
mod lookup;
mod progress;
mod registry;
mod state;

pub(crate) use link::link;
pub(crate) use log::printable;
