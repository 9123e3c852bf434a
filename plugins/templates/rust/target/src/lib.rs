//! A target: runs workloads of kind `process` on a platform with an HTTP API. What the platform speaks is in `api.rs`, every
//! verb that Slipway calls in `verbs.rs`.
//!
//! The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

mod api;
mod verbs;
