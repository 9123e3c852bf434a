//! A router: sends users to revisions by weight, on a load balancer with an HTTP API. What that speaks is in `api.rs`, every
//! verb that Slipway calls in `verbs.rs`.
//!
//! The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

mod api;
mod verbs;
