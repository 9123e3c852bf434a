//! The program as people and scripts meet it: command lines in, stdout, stderr and exit code out.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod adapt;
mod help;
mod judge;
mod kit;
mod look;
mod manifests;
mod plan;
mod plugin_commands;
mod plugins;
mod transfer;
mod trust;
