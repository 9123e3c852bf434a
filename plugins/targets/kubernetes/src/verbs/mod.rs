//! The verbs of the contract, one file each, and what they share. Only here the cluster is asked.

mod adopt;
mod apply;
mod cleanup;
mod closer;
mod crowd;
mod hand_over;
mod hold;
mod hooks;
mod keep;
mod lease;
mod lists;
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
mod steps;
mod stop;
mod target;
mod wait;
mod workloads;
