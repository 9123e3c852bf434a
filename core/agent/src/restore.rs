//! Bringing back what ran: the instances first, users as soon as these are healthy, and then what was added goes. Where
//! the old cannot start beside the new, such as on a port of both, the new goes first.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use slipway_model::InstanceName;
use tokio::time::Instant;

use crate::{
    api::{InstanceState, RouteSpec},
    error::Result,
    guards::{Record, TICK},
    server::Agent,
    supervisor::Kept,
};

/// How long what ran may take to be healthy: beside what was added, and then without it.
const BESIDE: Duration = Duration::from_secs(20);
const ALONE: Duration = Duration::from_secs(60);

/// Whatever guard goes off. Never returns.
pub(crate) async fn watch(agent: &Arc<Agent>) {
    loop {
        tokio::time::sleep(TICK).await;
        let due = match agent.guards.due() {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "a guard cannot go off");
                continue;
            }
        };
        for record in due {
            let agent = Arc::clone(agent);
            tokio::spawn(async move {
                tracing::warn!(guard = %record.name, "nobody was heard from: what ran comes back");
                let detail = restore(&agent, &record).await;
                match agent.guards.restored(&record.name, detail) {
                    Ok(()) => tracing::warn!(guard = %record.name, "what ran is back"),
                    Err(error) => {
                        tracing::error!(%error, guard = %record.name, "cannot write that it is back")
                    }
                }
            });
        }
    }
}

/// Answers what did not come back, for a person. Whatever fails, the rest is done.
async fn restore(agent: &Agent, record: &Record) -> String {
    let mut problems = BTreeSet::new();
    let mut well = all_healthy(agent, record, BESIDE, &mut problems).await;
    if !well {
        end_added(agent, record, &mut problems).await;
        problems.clear();
        well = all_healthy(agent, record, ALONE, &mut problems).await;
    }
    for (name, spec) in &record.routes {
        let spec = readdressed(agent, record, spec);
        if let Err(error) = agent.router.put(name, spec, None) {
            problems.insert(error.to_string());
        }
    }
    if well {
        end_added(agent, record, &mut problems).await;
    }
    let problems: Vec<String> = problems.into_iter().collect();
    problems.join("; ")
}

async fn all_healthy(
    agent: &Agent,
    record: &Record,
    patience: Duration,
    problems: &mut BTreeSet<String>,
) -> bool {
    let until = Instant::now() + patience;
    loop {
        problems.clear();
        for kept in &record.instances {
            match bring_back(agent, kept).await {
                Ok(None) => {}
                Ok(Some(why)) => drop(problems.insert(why)),
                Err(error) => drop(problems.insert(error.to_string())),
            }
        }
        if problems.is_empty() || Instant::now() > until {
            return problems.is_empty();
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Why it is not healthy yet.
async fn bring_back(agent: &Agent, kept: &Kept) -> Result<Option<String>> {
    let put = || tokio::task::block_in_place(|| agent.supervisor.put(&kept.name, kept.spec.clone()));
    let (_, mut status) = put()?;
    if matches!(
        status.state,
        InstanceState::Failed | InstanceState::Stopped | InstanceState::Stopping
    ) {
        agent.supervisor.delete(&kept.name, None).await?;
        (_, status) = put()?;
    }
    let healthy = status.state == InstanceState::Healthy;
    Ok((!healthy).then(|| format!("{} is not healthy: {}", kept.name, status.detail)))
}

async fn end_added(agent: &Agent, record: &Record, problems: &mut BTreeSet<String>) {
    let added: Vec<InstanceName> = agent
        .supervisor
        .list()
        .into_iter()
        .filter(|status| {
            (&status.service, &status.environment) == (&record.spec.service, &record.spec.environment)
                && !record.instances.iter().any(|kept| kept.name == status.name)
        })
        .map(|status| status.name)
        .collect();
    for name in added {
        if let Err(error) = agent.supervisor.delete(&name, None).await {
            problems.insert(error.to_string());
        }
    }
}

/// An instance that was started again may have got other ports.
fn readdressed(agent: &Agent, record: &Record, spec: &RouteSpec) -> RouteSpec {
    let mut spec = spec.clone();
    let backends = spec.backends.iter_mut();
    for instance in backends.flat_map(|backend| &mut backend.instances) {
        let Some(kept) = record.instances.iter().find(|kept| kept.name == instance.name) else {
            continue;
        };
        let Ok(now) = agent.supervisor.get(&instance.name) else {
            continue;
        };
        let mut known = kept.ports.iter();
        let port = known.find(|(_, number)| **number == instance.address.port());
        if let Some(number) = port.and_then(|(port, _)| now.ports.get(port)) {
            instance.address = SocketAddr::new(instance.address.ip(), *number);
        }
    }
    spec
}
