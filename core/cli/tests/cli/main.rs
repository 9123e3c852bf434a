//! The program as people and scripts meet it: command lines in, stdout, stderr and exit code out.

mod help;
mod kit;
mod look;
mod manifests;
mod transfer;
