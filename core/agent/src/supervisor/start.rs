//! Starting a process so that it is on record before it does anything.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use slipway_model::InstanceName;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::{orders, watch::Watch};
use crate::{
    Role,
    api::InstanceSpec,
    error::{Doing, Result},
    launch::Orders,
    layout::Layout,
    log, ports,
    process::Process,
};

/// It waits for its orders, and ends if it is dropped without them.
pub(super) struct Waiting {
    pub(super) process: Process,
    child: Child,
    orders: Vec<u8>,
    name: InstanceName,
}

pub(super) fn start(
    layout: &Layout,
    name: &InstanceName,
    spec: &InstanceSpec,
    ports: &BTreeMap<String, u16>,
    (log, end): (&Path, Option<PathBuf>),
) -> Result<Waiting> {
    let orders = Orders {
        end,
        ..orders::prepare(layout, name, spec, ports)?
    };
    let orders = serde_json::to_vec(&orders)
        .map_err(io::Error::from)
        .doing("write orders for", name.as_str())?;
    let output = log::append(log)?;
    let errors = output.try_clone().doing("open the log", log)?;
    let child = Command::from(Role::Launch.command(&layout.dir))
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .doing("start", name.as_str())?;
    let process = child
        .id()
        .ok_or_else(|| io::Error::other("it ended at once"))
        .and_then(Process::of)
        .doing("find the process of", name.as_str())?;
    Ok(Waiting {
        process,
        child,
        orders,
        name: name.clone(),
    })
}

impl Waiting {
    pub(super) async fn begin(mut self) -> Result<Watch> {
        if let Some(mut input) = self.child.stdin.take() {
            input
                .write_all(&self.orders)
                .await
                .doing("give orders to", self.name.as_str())?;
        }
        Ok(Watch::Child(Box::new(self.child)))
    }
}

/// Ports that somebody took before it ever listened on them are given up for others.
pub(super) fn move_ports(spec: &InstanceSpec, numbers: &mut BTreeMap<String, u16>) {
    let mut taken = numbers.values().copied().collect();
    for (name, number) in numbers {
        let chosen = spec.ports.get(name).is_some_and(|port| port.number.is_none());
        if chosen
            && !ports::is_free(*number)
            && let Ok(free) = ports::free(&taken)
        {
            taken.insert(free);
            *number = free;
        }
    }
}
