//! The target `kubernetes`: one instance is all objects of one artifact's revision, in a namespace of a cluster. Knows
//! how objects are named, made, watched and removed there; knows nothing of formats, routers or strategy.

mod adopt;
mod chosen;
mod diagnosis;
mod diff;
mod document;
mod images;
mod inventory;
mod kinds;
mod labels;
mod logs;
mod order;
mod partition;
mod revise;
mod said;
mod secrets;
mod settings;
mod sight;
mod status;
mod task;
mod verbs;

use slipway_kubernetes_api::labels::{MANAGER, ROUTER_MANAGER};
