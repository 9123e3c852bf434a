//! Why an instance is not well, from what its pods, their containers and the cluster's events say: the cause comes
//! first. Pure.

mod container;
mod events;
mod finding;
mod pod;

pub(crate) use finding::{Finding, Log, causes};
pub(crate) use pod::{examine, restarts};
