//! One file a command; this one only chooses.

mod abort;
mod adapt;
mod agent;
mod archive;
mod artifact;
mod command;
mod completions;
mod cutover;
mod deploy;
mod diff;
mod explain;
mod history;
mod init;
mod ledgers;
mod logs;
mod looking;
mod man;
mod manifests;
mod package;
mod plan;
mod plans;
mod plugin;
mod redeploy;
mod release;
mod resume;
mod rollback;
mod run;
mod running;
mod runs;
mod saved_plan;
mod schema;
mod services;
mod signal;
mod status;
mod validate;

pub(crate) use command::{Command, Done, dispatch, runtime};
