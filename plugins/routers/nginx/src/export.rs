//! The component's exports.

slipway_sdk::export_router!(crate::verbs::Nginx);
