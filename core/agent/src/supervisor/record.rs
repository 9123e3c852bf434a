//! What is known of an instance after the agent was killed: written before what it says is done.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use slipway_model::InstanceName;

use crate::{
    api::{InstanceSpec, LastExit},
    error::Result,
    layout::Layout,
    process::Process,
    store,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) name: InstanceName,
    pub(super) spec: InstanceSpec,
    pub(super) ports: BTreeMap<String, u16>,
    pub(super) process: Option<Process>,
    pub(super) started: Option<u64>,
    pub(super) healthy_since: Option<u64>,
    /// Its ports are part of an address that others know.
    pub(super) was_healthy: bool,
    pub(super) restarts: u32,
    pub(super) last_exit: Option<LastExit>,
    /// It was asked to stop: it is not started again, whoever dies meanwhile.
    pub(super) stopping: bool,
    /// It has ended and its policy says that this was all.
    pub(super) finished: bool,
}

impl Record {
    pub(super) fn new(name: InstanceName, spec: InstanceSpec, ports: BTreeMap<String, u16>) -> Self {
        Self {
            version: 1,
            name,
            spec,
            ports,
            process: None,
            started: None,
            healthy_since: None,
            was_healthy: false,
            restarts: 0,
            last_exit: None,
            stopping: false,
            finished: false,
        }
    }

    pub(super) fn save(&self, layout: &Layout) -> Result<()> {
        store::write(&path(layout, &self.name), self)
    }
}

pub(super) fn path(layout: &Layout, name: &InstanceName) -> PathBuf {
    layout.instances().join(format!("{name}.json"))
}
