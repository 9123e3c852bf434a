//! Weights as shares of pods: what runs the pods of a revision is scaled. How many pods a revision has when all users
//! are on it is written on the workload when it is scaled for the first time.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Resource, RevisionService, ask, at, labels, leads_to, list, number, text};
use slipway_sdk::{Failure, Place, clock, http::escape};

use crate::settings::Settings;

/// How many pods there are with all users.
const WHOLE: &str = "slipway.dev/replicas";
const WAIT_MS: u64 = 500;
const TURNS: u32 = 240;

/// Something that runs pods of a revision.
struct Workload {
    path: String,
    name: String,
    whole: i64,
    now: i64,
}

/// More pods are needed before users come, fewer only after they have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// Scales the revisions that have users to their weights, and waits until the pods are there. One without users stays
/// as it is: it may have to take them all at once.
pub(crate) fn scale(
    place: &Place<Settings>,
    shares: &[(&RevisionService, u32)],
    direction: Direction,
) -> Result<(), Failure> {
    let total: u32 = shares.iter().map(|(_, weight)| weight).sum();
    let mut open = Vec::new();
    for (revision, weight) in shares.iter().filter(|(_, weight)| *weight > 0) {
        for workload in workloads(place, revision)? {
            let wanted = replicas(workload.whole, *weight, total);
            if (workload.now < wanted && direction == Direction::Up)
                || (workload.now > wanted && direction == Direction::Down)
            {
                let change = json!({
                    "metadata": { "annotations": { WHOLE: workload.whole.to_string() } },
                    "spec": { "replicas": wanted }
                });
                let doing = format!("scaling {} to {wanted}", workload.name);
                ask(Ask::merge(&workload.path, labels::ROUTER_MANAGER, &change).metadata_only())?
                    .success(&doing)?;
            }
            if direction == Direction::Up {
                open.push((workload, wanted));
            }
        }
    }
    for _ in 0..TURNS {
        let mut left = Vec::new();
        for (workload, wanted) in open {
            let live = ask(Ask::get(&workload.path))?.success(&format!("reading {}", workload.name))?;
            if number(&live, "/status/readyReplicas").unwrap_or(0) < wanted {
                left.push((workload, wanted));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        open = left;
        clock::sleep(WAIT_MS);
    }
    let names: Vec<_> = open
        .iter()
        .map(|(workload, wanted)| format!("{} ({wanted})", workload.name))
        .collect();
    Err(
        Failure::unavailable(format!("pods are not ready: {}", names.join(", ")))
            .hint("`slipway status` says why; users are where they were"),
    )
}

fn replicas(whole: i64, weight: u32, total: u32) -> i64 {
    let (weight, total) = (i64::from(weight), i64::from(total.max(1)));
    ((whole * weight + total / 2) / total).max(1)
}

fn workloads(place: &Place<Settings>, revision: &RevisionService) -> Result<Vec<Workload>, Failure> {
    let selector = labels::selector(&place.service, &place.environment);
    let short = slipway_kubernetes_api::short(&revision.digest);
    let selector = escape(&format!("{selector},{}={short}", labels::REVISION));
    let mut found = Vec::new();
    for kind in ["Deployment", "StatefulSet"] {
        let resource = Resource::known("apps", kind)
            .ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))?;
        let all = list(&format!(
            "{}?labelSelector={selector}",
            resource.list(Some(&place.settings.namespace))
        ))?;
        let lead = |live: &&Value| {
            let pods = live
                .pointer("/spec/template/metadata/labels")
                .cloned()
                .unwrap_or_default();
            leads_to(&revision.selector, &pods)
        };
        found.extend(all.iter().filter(lead).map(|live| {
            let now = number(live, "/spec/replicas").unwrap_or(1);
            let name = text(live, "/metadata/name");
            let written = at(live, &["metadata", "annotations", WHOLE]).and_then(Value::as_str);
            Workload {
                path: resource.one(Some(&place.settings.namespace), name),
                name: format!("{kind}/{name}"),
                whole: written.and_then(|text| text.parse().ok()).unwrap_or(now),
                now,
            }
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_at_least_one_pod() {
        for (whole, weight, expected) in [
            (10, 95, 10),
            (10, 5, 1),
            (4, 25, 1),
            (4, 50, 2),
            (4, 100, 4),
            (4, 0, 1),
        ] {
            assert_eq!(replicas(whole, weight, 100), expected, "{whole} {weight}");
        }
    }
}
