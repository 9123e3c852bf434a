//! Against real servers: Debian's `docker-registry`, `skopeo` as a peer, and a server that does everything wrong.

mod copies;
mod faults;
mod hostile;
mod peers;
mod registry;
mod support;
mod uploads;
