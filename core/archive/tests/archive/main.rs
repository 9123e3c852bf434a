//! Archives in real folders: what goes in comes out, whatever is changed is found, whenever it is killed it is whole.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;
mod contents;
mod crash;
mod elsewhere;
mod flips;
mod follow;
mod forgeries;
mod reading;
mod servers;
mod signing;
mod tampering;
