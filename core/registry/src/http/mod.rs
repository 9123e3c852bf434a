//! OCI distribution over HTTP: one pooled client with limits, credentials that stay with their host, streamed blobs.

mod auth;
mod client;
mod distribution;
mod download;
mod referrers;
mod turns;
mod upload;

pub(crate) use client::Access;
pub use client::Client;
pub(crate) use distribution::Distribution;
pub(crate) use download::Download;
