//! The target `machine`: runs workloads of kind `process` on this machine, through the agent that supervises them.
//! Knows the agent's API and where things are kept in its folder; knows nothing of formats, routers or strategy.

mod agent;
mod granted;
mod layout;
mod secrets;
mod spec;
mod task;
mod verbs;
