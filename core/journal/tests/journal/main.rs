//! One binary for all tests against real files: they link once, and the crash tests start it again as their victim.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod bodies;
mod common;
mod crash;
mod fold;
mod golden;
mod ledger;
mod moved;
mod outage;
mod race;
mod refused;
mod room;
mod stopped;
