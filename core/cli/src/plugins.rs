//! The plugins that ship inside the program.

use slipway_host::{Embedded, Host};
use slipway_plugin::Kind;

const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

pub(crate) fn host() -> Host {
    Host::default().with_embedded(EMBEDDED)
}
