//! What makes this check a component of its own.

slipway_sdk::export_check!(crate::verbs::Alerts);
