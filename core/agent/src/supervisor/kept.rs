//! What is known of an instance that is to be brought back as it was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::InstanceName;

use crate::api::InstanceSpec;

/// An instance, and the ports that routes knew it by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) name: InstanceName,
    pub(crate) spec: InstanceSpec,
    pub(crate) ports: BTreeMap<String, u16>,
}
