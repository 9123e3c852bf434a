//! How an environment stands: what the ledger says is deployed, what was seen there, and where the two differ.

use serde::Serialize;
use slipway_journal::{Deployed, EnvironmentState};
use slipway_model::{Digest, EnvironmentName, InstanceName, ServiceName};

use crate::{RunLine, TIME, table};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Environment {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    /// What users are on.
    pub current: Option<Deployed>,
    /// What waits for its cutover.
    pub candidate: Option<Deployed>,
    /// What can be gone back to, the latest first.
    pub previous: Vec<Deployed>,
    #[serde(flatten)]
    pub observed: Observation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RunLine>,
    /// Where what was seen is not what the ledger says. Empty while a run is changing the environment.
    pub drift: Vec<String>,
}

/// What target and router say now.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observation {
    pub instances: Vec<Instance>,
    /// Where users are taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where the candidate can be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_address: Option<String>,
    /// Why it could not be looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Instance {
    pub name: InstanceName,
    pub revision: Digest,
    pub state: String,
    /// It does what it is there for, or is about to.
    #[serde(skip)]
    pub well: bool,
    /// By name of the port.
    pub ports: Vec<(String, String)>,
    pub restarts: u32,
    pub detail: String,
    /// Its share of the users, where a router gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
}

impl Environment {
    pub fn of(
        (service, environment): (ServiceName, EnvironmentName),
        state: EnvironmentState,
        observed: Observation,
        last_run: Option<RunLine>,
    ) -> Self {
        let changing = last_run
            .as_ref()
            .is_some_and(|run| run.ended.is_none() && !run.is_interrupted());
        let drift = if changing || observed.trouble.is_some() {
            Vec::new()
        } else {
            drift(&state, &observed)
        };
        let EnvironmentState {
            current,
            candidate,
            previous,
        } = state;
        Self {
            service,
            environment,
            current,
            candidate,
            previous,
            observed,
            last_run,
            drift,
        }
    }

    pub fn words(&self) -> String {
        let mut text = format!("{} in {}\n", self.service, self.environment);
        let mut say = |name: &str, what: &str| text.push_str(&format!("  {name:<10} {what}\n"));
        say(
            "current",
            &self
                .current
                .as_ref()
                .map_or("nothing is deployed".to_owned(), deployed),
        );
        if let Some(candidate) = &self.candidate {
            let next = format!("`slipway cutover {}` or `slipway abort`", self.environment);
            say("candidate", &format!("{}; {next}", deployed(candidate)));
        }
        for previous in &self.previous {
            say("previous", &deployed(previous));
        }
        if let Some(address) = &self.observed.address {
            say("users", &format!("at {address}"));
        }
        if let Some(address) = &self.observed.preview_address {
            say("preview", &format!("at {address}"));
        }
        if let Some(run) = &self.last_run {
            say("last run", &run.words());
        }
        if let Some(trouble) = &self.observed.trouble {
            say("unseen", trouble);
        }
        for drift in &self.drift {
            say("drift", drift);
        }
        if !self.observed.instances.is_empty() {
            let rows: Vec<_> = self.observed.instances.iter().map(row).collect();
            let head = ["INSTANCE", "STATE", "WEIGHT", "RESTARTS", "PORTS", "DETAIL"];
            text.extend(table(&head, &rows).lines().map(|line| format!("  {line}\n")));
        }
        text
    }
}

fn deployed(deployed: &Deployed) -> String {
    let Deployed {
        revision,
        version,
        run,
        at,
        ..
    } = deployed;
    format!(
        "{version} (revision {}) since {} by run {run}",
        revision.short(),
        at.strftime(TIME)
    )
}

fn row(instance: &Instance) -> Vec<String> {
    let ports: Vec<_> = instance
        .ports
        .iter()
        .map(|(name, address)| format!("{name}={address}"))
        .collect();
    vec![
        instance.name.to_string(),
        instance.state.clone(),
        instance
            .weight
            .map_or("-".to_owned(), |weight| weight.to_string()),
        instance.restarts.to_string(),
        if ports.is_empty() {
            "-".to_owned()
        } else {
            ports.join(" ")
        },
        instance.detail.clone(),
    ]
}

fn drift(state: &EnvironmentState, observed: &Observation) -> Vec<String> {
    let mut drift = Vec::new();
    let wanted: Vec<&Deployed> = state.current.iter().chain(&state.candidate).collect();
    for deployed in &wanted {
        for name in &deployed.instances {
            match observed.instances.iter().find(|instance| instance.name == *name) {
                None => drift.push(format!("{name} should run and is not there")),
                Some(instance) if !instance.well => {
                    let why = if instance.detail.is_empty() {
                        String::new()
                    } else {
                        format!(": {}", instance.detail)
                    };
                    drift.push(format!("{name} should run and is {}{why}", instance.state));
                }
                Some(_) => {}
            }
        }
    }
    for instance in &observed.instances {
        let known = wanted
            .iter()
            .any(|deployed| deployed.instances.contains(&instance.name));
        if instance.well && !known {
            drift.push(format!(
                "{} runs and is not part of what is deployed",
                instance.name
            ));
        }
    }
    if let (Some(current), None) = (&state.current, &state.candidate) {
        for instance in &observed.instances {
            if instance.revision != current.revision && instance.weight.is_some_and(|weight| weight > 0) {
                drift.push(format!(
                    "users are sent to {}, which is not current",
                    instance.name
                ));
            }
        }
    }
    drift
}
