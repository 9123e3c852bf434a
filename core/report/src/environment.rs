//! How an environment stands: what the ledger says is deployed, what was seen there, and where the two differ.

use serde::Serialize;
use slipway_engine::Opening;
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
    /// Whether the environment may be changed now, where windows or freezes say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// Where what was seen is not what the ledger says. Empty while a run is changing the environment.
    pub drift: Vec<String>,
}

/// What target and router say now.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observation {
    pub instances: Vec<Instance>,
    /// What is there and is not as it was deployed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
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
            opening: None,
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
            say("candidate", &deployed(candidate));
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
        if self.candidate.is_some() && self.last_run.as_ref().is_some_and(|run| run.ended.is_some()) {
            let environment = &self.environment;
            say(
                "next",
                &format!(
                    "`slipway cutover {environment}` puts users on the candidate, `slipway abort {environment}` drops it"
                ),
            );
        }
        if let Some(opening) = &self.opening {
            say("changes", &opening.to_string());
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
        .map(|(name, address)| match address.contains(":/") {
            // Through an endpoint, which nobody types.
            true => name.clone(),
            false => format!("{name}={address}"),
        })
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
    let seen = |name: &InstanceName| observed.instances.iter().find(|instance| instance.name == *name);
    for deployed in &wanted {
        // Before the cutover a strategy runs a part of one of them, or nothing of the old one: which part is its business.
        let partial = state.candidate.is_some()
            && wanted
                .iter()
                .any(|one| one.instances.iter().all(|name| seen(name).is_some()));
        for name in &deployed.instances {
            match seen(name) {
                None if partial => {}
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
    drift.extend(observed.changed.iter().cloned());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(version: &str) -> Deployed {
        Deployed {
            revision: Digest::of(version),
            package: Digest::of("package"),
            version: version.to_owned(),
            instances: [format!("shop-prod-{version}-1"), format!("shop-prod-{version}-2")]
                .map(|name| name.parse().unwrap())
                .to_vec(),
            run: "r-1".parse().unwrap(),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn instance(version: &str, number: u32, state: &str, weight: Option<u32>) -> Instance {
        Instance {
            name: format!("shop-prod-{version}-{number}").parse().unwrap(),
            revision: Digest::of(version),
            state: state.to_owned(),
            well: state == "healthy",
            ports: vec![("http".to_owned(), "127.0.0.1:8000".to_owned())],
            restarts: 0,
            detail: if state == "failed" {
                "exit status 1".to_owned()
            } else {
                String::new()
            },
            weight,
        }
    }

    fn environment(instances: Vec<Instance>, candidate: Option<&str>, state: &'static str) -> Environment {
        let deployment = EnvironmentState {
            current: Some(deployed("2")),
            candidate: candidate.map(deployed),
            previous: vec![deployed("1")],
        };
        let address = Some("127.0.0.1:80".to_owned());
        let observed = Observation {
            instances,
            address,
            ..Observation::default()
        };
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let run = RunLine {
            run: "r-1".parse().unwrap(),
            service: "shop".parse().unwrap(),
            environment: "prod".parse().unwrap(),
            steps: vec!["deploy".to_owned()],
            state,
            started: at,
            ended: (state == "succeeded").then_some(at),
            by: None,
            summary: String::new(),
        };
        let names = ("shop".parse().unwrap(), "prod".parse().unwrap());
        Environment::of(names, deployment, observed, Some(run))
    }

    fn check(instances: Vec<Instance>, candidate: Option<&str>, state: &'static str, expected: &[&str]) {
        assert_eq!(environment(instances, candidate, state).drift, expected);
    }

    #[test]
    fn drift() {
        let well = || {
            vec![
                instance("2", 1, "healthy", Some(50)),
                instance("2", 2, "healthy", Some(50)),
            ]
        };
        check(well(), None, "succeeded", &[]);
        let gone = "shop-prod-2-2 should run and is not there";
        check(well()[..1].to_vec(), None, "succeeded", &[gone]);
        check(well()[..1].to_vec(), None, "interrupted", &[gone]);
        check(well()[..1].to_vec(), None, "running", &[]);
        let failed = vec![well().remove(0), instance("2", 2, "failed", None)];
        check(
            failed,
            None,
            "succeeded",
            &["shop-prod-2-2 should run and is failed: exit status 1"],
        );
        let more = |weight| {
            well()
                .into_iter()
                .chain([instance("1", 1, "healthy", weight)])
                .collect::<Vec<_>>()
        };
        let stray = "shop-prod-1-1 runs and is not part of what is deployed";
        check(more(None), None, "succeeded", &[stray]);
        check(
            more(Some(1)),
            None,
            "succeeded",
            &[stray, "users are sent to shop-prod-1-1, which is not current"],
        );
        let both: Vec<_> = well()
            .into_iter()
            .chain([
                instance("3", 1, "healthy", Some(0)),
                instance("3", 2, "healthy", Some(0)),
            ])
            .collect();
        check(both[..3].to_vec(), Some("3"), "succeeded", &[]);
        check(both[2..].to_vec(), Some("3"), "succeeded", &[]);
        check(both, Some("3"), "succeeded", &[]);
        let neither = [
            "shop-prod-2-2 should run and is not there",
            "shop-prod-3-1 should run and is not there",
            "shop-prod-3-2 should run and is not there",
        ];
        check(well()[..1].to_vec(), Some("3"), "succeeded", &neither);
    }

    #[test]
    fn in_words() {
        let instances = vec![
            instance("2", 1, "healthy", Some(100)),
            instance("3", 1, "failed", None),
        ];
        insta::assert_snapshot!(environment(instances, Some("3"), "succeeded").words());
    }
}
