//! What keeps running when the command line ends: the supervisor of instances and the embedded router.
//!
//! Three processes, all of them this program: the *keeper* starts the *worker* again when that dies and holds its
//! listening sockets meanwhile; the worker does everything; a *launch* is the first moment of an instance. An
//! instance belongs to none of them: it has its own session and writes its own log, and is found again by process
//! id, time of start and boot. Killing keeper, worker or both stops no instance. Nothing here knows of deployments:
//! who wants what, in which order and why, is the caller's affair.

pub mod api;
mod client;
mod clock;
mod error;
mod expand;
mod fence;
mod guards;
mod handover;
mod keeper;
mod launch;
mod layout;
mod listeners;
mod log;
mod ports;
mod process;
mod readable;
mod restore;
mod role;
mod router;
mod server;
mod store;
mod supervisor;
mod worker;

pub use client::{Client, Response};
pub use error::AgentError;
pub use layout::SocketPath;
pub use role::{Role, run};
