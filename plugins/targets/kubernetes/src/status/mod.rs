//! How far an object is from what it says it shall be, as controllers tell it. Pure.

mod custom;
mod other;
mod rules;
mod standing;
mod workload;

pub(crate) use other::service;
pub(crate) use rules::{standing, watched};
pub(crate) use standing::Standing;
