//! What would change: desired against observed. Pure.

use std::collections::{HashMap, HashSet};

use crate::{Change, ChangeKind, Instance, InstanceSpec, InstanceState};

/// For a target whose instances are told from one another by their names and revisions alone.
pub fn changes(observed: &[Instance], desired: &[InstanceSpec]) -> Vec<Change> {
    let known: HashMap<_, _> = observed
        .iter()
        .map(|found| (found.name.as_str(), found))
        .collect();
    let names: HashSet<_> = desired.iter().map(|spec| spec.name.as_str()).collect();
    let wanted = desired.iter().map(|spec| {
        let found = known.get(spec.name.as_str()).copied();
        let (kind, detail) =
            found.map_or_else(|| (ChangeKind::Create, start(spec)), |found| compare(found, spec));
        Change {
            kind,
            subject: spec.name.clone(),
            detail,
            seen: found.map(|found| found.revision.clone()).unwrap_or_default(),
        }
    });
    let unwanted = observed
        .iter()
        .filter(|found| !names.contains(found.name.as_str()));
    let removed = unwanted.map(|found| Change {
        kind: ChangeKind::Remove,
        subject: found.name.clone(),
        detail: format!("stop it; revision {}, {}", short(&found.revision), state(found)),
        seen: found.revision.clone(),
    });
    wanted.chain(removed).collect()
}

fn compare(found: &Instance, spec: &InstanceSpec) -> (ChangeKind, String) {
    if found.revision != spec.revision {
        let (old, new) = (short(&found.revision), short(&spec.revision));
        return (ChangeKind::Replace, format!("revision {old} with {new}"));
    }
    match found.state {
        InstanceState::Failed | InstanceState::Stopping | InstanceState::Stopped => {
            (ChangeKind::Replace, format!("{}; start it anew", state(found)))
        }
        InstanceState::Starting
        | InstanceState::Partial
        | InstanceState::Healthy
        | InstanceState::Unhealthy => (ChangeKind::Keep, state(found)),
    }
}

fn start(spec: &InstanceSpec) -> String {
    format!(
        "start artifact {} of revision {}",
        spec.artifact,
        short(&spec.revision)
    )
}

fn state(instance: &Instance) -> String {
    let state = match instance.state {
        InstanceState::Starting => "starting",
        InstanceState::Partial => "partial",
        InstanceState::Healthy => "healthy",
        InstanceState::Unhealthy => "unhealthy",
        InstanceState::Failed => "failed",
        InstanceState::Stopping => "stopping",
        InstanceState::Stopped => "stopped",
    };
    instance
        .detail
        .lines()
        .next()
        .map_or_else(|| state.to_owned(), |cause| format!("{state}: {cause}"))
}

fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..8).unwrap_or(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(name: &str, revision: &str, state: InstanceState, detail: &str) -> Instance {
        let (name, revision, detail) = (name.to_owned(), revision.to_owned(), detail.to_owned());
        Instance {
            name,
            revision,
            state,
            ports: Vec::new(),
            since: None,
            restarts: 0,
            detail,
        }
    }

    fn desired(name: &str, revision: &str) -> InstanceSpec {
        let [name, revision, artifact, blob, workload] =
            [name, revision, "app", "sha256:1", "f"].map(str::to_owned);
        InstanceSpec {
            name,
            revision,
            artifact,
            blob,
            workload,
            back: false,
        }
    }

    #[track_caller]
    fn check(observed: &[Instance], wanted: &[InstanceSpec], expected: &[(ChangeKind, &str, &str)]) {
        let found = changes(observed, wanted);
        let found: Vec<_> = found
            .iter()
            .map(|c| (c.kind, c.subject.as_str(), c.detail.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn from_nothing_to_something_and_back() {
        let new = desired("a", "sha256:1234567890");
        check(
            &[],
            &[new],
            &[(ChangeKind::Create, "a", "start artifact app of revision 12345678")],
        );
        let old = observed("a", "sha256:1", InstanceState::Healthy, "");
        check(
            &[old],
            &[],
            &[(ChangeKind::Remove, "a", "stop it; revision 1, healthy")],
        );
        check(&[], &[], &[]);
    }

    #[test]
    fn what_runs_is_kept_and_what_does_not_is_replaced() {
        use InstanceState::{Failed, Healthy, Starting, Stopped, Stopping, Unhealthy};
        for (state, kind, detail) in [
            (Starting, ChangeKind::Keep, "starting: why"),
            (Healthy, ChangeKind::Keep, "healthy: why"),
            (Unhealthy, ChangeKind::Keep, "unhealthy: why"),
            (Failed, ChangeKind::Replace, "failed: why; start it anew"),
            (Stopping, ChangeKind::Replace, "stopping: why; start it anew"),
            (Stopped, ChangeKind::Replace, "stopped: why; start it anew"),
        ] {
            let found = observed("a", "sha256:1", state, "why\nlog");
            check(&[found], &[desired("a", "sha256:1")], &[(kind, "a", detail)]);
        }
        let other = observed("a", "sha256:1", Healthy, "");
        check(
            &[other],
            &[desired("a", "sha256:2")],
            &[(ChangeKind::Replace, "a", "revision 1 with 2")],
        );
    }
}
