//! What the plugin is granted, by name, and how long the host waits for it.

use slipway_sdk::http::Endpoint;

pub(crate) const AGENT: Endpoint = Endpoint("agent");
pub(crate) const DEPLOYMENT: &str = "deployment";
pub(crate) const MACHINE: &str = "machine";
/// The host waits no longer than this for one answer; an instance may take longer to end.
pub(crate) const STOP_MS: u32 = 110_000;
