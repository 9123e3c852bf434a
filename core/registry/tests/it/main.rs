//! Against real servers: Debian's `docker-registry`, `skopeo` as a peer, and a server that does everything wrong.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, in a crate that holds nothing else"
)]

mod archives;
mod bundles;
mod copies;
mod faults;
mod hostile;
mod indexing;
mod peers;
mod platforms;
mod referrers;
mod registry;
mod support;
mod tars;
mod tls;
mod uploads;
