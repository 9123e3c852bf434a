//! In whose name fields are set: what others set is not touched.

pub(crate) const MANAGER: &str = "slipway";
/// The routers decide which revision users come to; this target leaves that to them.
pub(crate) const ROUTER_MANAGER: &str = "slipway-router";
