//! The router `gateway`: users come through a Gateway, and an HTTPRoute of the Gateway API sends them to revisions by
//! weight. Knows the route's rules; knows nothing of who serves the Gateway.

mod export;
mod preview;
mod rules;
mod settings;
mod verbs;
