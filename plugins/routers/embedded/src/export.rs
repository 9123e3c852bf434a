//! What makes these verbs a component of their own. Apart from them, so that another component can be made over them.

slipway_sdk::export_router!(crate::verbs::Embedded);
