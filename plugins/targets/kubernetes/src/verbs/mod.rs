//! The verbs of the contract, one file each, and what they share. Only here the cluster is asked.

mod adopt;
mod apply;
mod cleanup;
mod hand_over;
mod hooks;
mod keep;
mod lease;
mod live;
mod look;
mod observe;
mod plan;
mod prepare;
mod prune;
mod read_logs;
mod record;
mod services;
mod start;
mod stop;
mod target;
mod wait;
mod workloads;
