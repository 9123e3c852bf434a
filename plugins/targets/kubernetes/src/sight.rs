//! From what was seen of an instance to what is said of it: its state, and why. Pure.

use serde_json::Value;
use slipway_kubernetes_api::{Id, items, parse_time, text};
use slipway_sdk::{Instance, InstanceState, Port};

use crate::{
    diagnosis::{Finding, causes, restarts},
    inventory::{Entry, State},
    kinds::is_workload,
    status::{Ready, Standing, service},
};

/// More are the same again.
const WAITING: usize = 5;

#[derive(Debug, Default)]
pub(crate) struct Sight {
    pub(crate) ready: Ready,
    /// None of those that are not there.
    pub(crate) objects: Vec<(Id, Option<Value>)>,
    pub(crate) pods: Vec<Value>,
    /// Pods of other revisions, by name.
    pub(crate) others: Vec<String>,
    /// It is not to replace all of them, or not yet.
    pub(crate) mixed: bool,
    /// By Service, its EndpointSlices.
    pub(crate) services: Vec<(String, Vec<Value>)>,
}

impl Sight {
    pub(crate) fn well(&self) -> bool {
        self.standings()
            .all(|(_, standing)| standing == Standing::Current)
    }

    fn standings(&self) -> impl Iterator<Item = (String, Standing)> {
        let objects = self.objects.iter().map(|(id, live)| {
            let standing = live.as_ref().map_or_else(
                || Standing::Failed("it is not there any more".to_owned()),
                |live| {
                    let standing = self.ready.standing(id, live);
                    let unused = id.is("", "PersistentVolumeClaim") && !self.mounted(&id.name);
                    // Many volumes are bound only when a pod wants them.
                    if unused && matches!(standing, Standing::InProgress(_)) {
                        Standing::Current
                    } else {
                        standing
                    }
                },
            );
            (id.to_string(), standing)
        });
        // Both answer then.
        let others = if self.mixed { &[] } else { self.others.as_slice() };
        let services = self
            .services
            .iter()
            .map(move |(name, slices)| (format!("Service/{name}"), service(slices, others)));
        objects.chain(services)
    }

    fn mounted(&self, claim: &str) -> bool {
        let volumes = self.pods.iter().flat_map(|pod| items(pod, "/spec/volumes"));
        volumes
            .into_iter()
            .any(|volume| text(volume, "/persistentVolumeClaim/claimName") == claim)
    }

    /// The last moment at which a pod became ready.
    fn since(&self) -> Option<u64> {
        let conditions = self.pods.iter().flat_map(|pod| items(pod, "/status/conditions"));
        let ready = conditions.filter(|condition| text(condition, "/type") == "Ready");
        ready
            .filter_map(|condition| parse_time(text(condition, "/lastTransitionTime")))
            .max()
    }
}

pub(crate) fn instance(entry: &Entry, sight: &Sight, findings: &[Finding], log: &[String]) -> Instance {
    let standings: Vec<_> = sight.standings().collect();
    let any = |wanted: fn(&Standing) -> bool| standings.iter().any(|(_, standing)| wanted(standing));
    let leaving = sight
        .objects
        .iter()
        .zip(&standings)
        .any(|((id, _), (_, standing))| is_workload(id) && *standing == Standing::Leaving);
    let state = if leaving {
        InstanceState::Stopping
    } else if entry.state == State::Starting {
        InstanceState::Starting
    } else if any(|standing| matches!(standing, Standing::Failed(_)))
        || findings.iter().any(|finding| finding.hopeless)
    {
        InstanceState::Failed
    } else if !findings.is_empty() {
        InstanceState::Unhealthy
    } else if any(|standing| *standing != Standing::Current) {
        InstanceState::Starting
    } else if entry.state == State::Partial {
        InstanceState::Partial
    } else {
        InstanceState::Healthy
    };
    let detail = match state {
        InstanceState::Healthy | InstanceState::Partial => String::new(),
        _ => detail(entry, &standings, findings, log),
    };
    Instance {
        name: entry.instance.clone(),
        revision: entry.revision.clone(),
        state,
        ports: entry
            .ports
            .iter()
            .map(|port| Port {
                name: port.name.clone(),
                address: port.address(),
            })
            .collect(),
        since: sight.since().filter(|_| state == InstanceState::Healthy),
        restarts: restarts(&sight.pods),
        detail,
    }
}

fn detail(entry: &Entry, standings: &[(String, Standing)], findings: &[Finding], log: &[String]) -> String {
    let mut lines = causes(findings);
    let grave = |standing: &Standing| matches!(standing, Standing::Failed(_));
    let mut sorted: Vec<_> = standings
        .iter()
        .filter(|(_, standing)| *standing != Standing::Current)
        .collect();
    sorted.sort_by_key(|(_, standing)| !grave(standing));
    lines.extend(
        sorted
            .into_iter()
            .take(WAITING)
            .map(|(subject, standing)| match standing {
                Standing::Failed(why) | Standing::InProgress(why) => format!("{subject}: {why}"),
                Standing::Leaving | Standing::Current => format!("{subject}: it is being removed"),
            }),
    );
    if entry.state == State::Starting {
        lines
            .push("its start is under way, or was interrupted: not everything of it may be there".to_owned());
    }
    lines.extend(log.iter().cloned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnosis::examine;

    fn entry(state: State) -> Entry {
        let [instance, artifact, revision] = ["shop-1", "app", "sha256:1"].map(str::to_owned);
        Entry {
            instance,
            artifact,
            revision,
            state,
            objects: Vec::new(),
            ports: Vec::new(),
            adopted: None,
        }
    }

    fn sight(available: u8, ready: bool) -> Sight {
        let deployment = json!({ "spec": { "replicas": 1 }, "status": { "observedGeneration": 1, "updatedReplicas": 1, "replicas": 1, "availableReplicas": available } });
        Sight {
            ready: Ready::default(),
            objects: vec![("Deployment.apps/web".parse().unwrap(), Some(deployment))],
            services: vec![(
                "web".to_owned(),
                vec![json!({ "endpoints": [{ "conditions": { "ready": ready } }] })],
            )],
            pods: Vec::new(),
            others: Vec::new(),
            mixed: false,
        }
    }

    #[test]
    fn well_only_when_everything_is() {
        let state = |state, sight: &Sight| instance(&entry(state), sight, &[], &[]);
        assert_eq!(
            state(State::Running, &sight(1, true)).state,
            InstanceState::Healthy
        );
        assert_eq!(
            state(State::Starting, &sight(1, true)).state,
            InstanceState::Starting
        );
        let waiting = state(State::Running, &sight(1, false));
        assert_eq!(
            (waiting.state, waiting.detail.as_str()),
            (InstanceState::Starting, "Service/web: no pod is ready to answer")
        );
        let mut step = sight(1, true);
        (step.mixed, step.others) = (true, vec!["web-0".to_owned()]);
        assert_eq!(state(State::Partial, &step).state, InstanceState::Partial);
        assert_eq!(
            state(State::Partial, &sight(0, true)).state,
            InstanceState::Starting
        );
        let mut gone = sight(1, true);
        gone.objects[0].1 = None;
        let gone = state(State::Running, &gone);
        assert_eq!(
            (gone.state, gone.detail.as_str()),
            (
                InstanceState::Failed,
                "Deployment.apps/web: it is not there any more"
            )
        );
    }

    #[test]
    fn the_cause_comes_first_and_the_log_last() {
        let mut seen = sight(0, true);
        seen.pods = vec![
            json!({ "metadata": { "name": "web-1" }, "status": { "containerStatuses": [
            { "name": "web", "restartCount": 1, "state": { "waiting": { "reason": "CrashLoopBackOff" } }, "lastState": { "terminated": { "exitCode": 7 } } }
        ] } }),
        ];
        let findings = examine(&seen.pods, &[], &[], 3);
        let found = instance(
            &entry(State::Running),
            &seen,
            &findings,
            &["no database".to_owned()],
        );
        assert_eq!((found.state, found.restarts), (InstanceState::Unhealthy, 1));
        assert_eq!(
            found.detail.lines().collect::<Vec<_>>(),
            [
                "container web ended with exit code 7; it is started again and again (1 times so far) (pod web-1)",
                "Deployment.apps/web: 0 of 1 pods are available",
                "no database"
            ]
        );
    }
}
