//! Deployments that somebody has paused.

use serde_json::Value;
use slipway_kubernetes_api::managers;

use super::Standing;

/// In whose name this target pauses one while its run is.
pub(crate) const HOLDER: &str = "slipway-hold";

/// In whose names one is paused; empty if it is not.
pub(crate) fn pausers(live: &Value) -> Vec<String> {
    if live.pointer("/spec/paused") != Some(&Value::Bool(true)) {
        return Vec::new();
    }
    let path = ["spec", "paused"].map(str::to_owned);
    let all = managers(live).into_iter().filter(|manager| manager.owns(&path));
    let names: Vec<_> = all.map(|manager| manager.name).collect();
    if names.is_empty() {
        vec!["somebody".to_owned()]
    } else {
        names
    }
}

/// It does not get on by itself: that is said first.
pub(super) fn said(live: &Value, standing: Standing) -> Standing {
    let by = pausers(live);
    match standing {
        Standing::InProgress(why) if by.iter().any(|by| by == HOLDER) => {
            Standing::InProgress(format!("it is held while the run is paused: {why}"))
        }
        Standing::InProgress(why) if !by.is_empty() => Standing::InProgress(format!(
            "it is paused by {}, until `kubectl rollout resume`: {why}",
            by.join(", ")
        )),
        standing => standing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_has_paused_it() {
        let check = |paused: bool, by: &[&str], expected: &str| {
            let entry =
                |name: &&str| json!({ "manager": name, "fieldsV1": { "f:spec": { "f:paused": {} } } });
            let mut entries: Vec<_> = by.iter().map(entry).collect();
            entries.push(json!({ "manager": "other", "fieldsV1": { "f:spec": { "f:replicas": {} } } }));
            let live = json!({ "metadata": { "managedFields": entries }, "spec": { "paused": paused } });
            assert_eq!(said(&live, Standing::waits("why")), Standing::waits(expected));
            assert_eq!(said(&live, Standing::Current), Standing::Current);
        };
        check(false, &["slipway"], "why");
        check(
            true,
            &["kubectl-rollout"],
            "it is paused by kubectl-rollout, until `kubectl rollout resume`: why",
        );
        check(
            true,
            &[],
            "it is paused by somebody, until `kubectl rollout resume`: why",
        );
        check(
            true,
            &[HOLDER, "kubectl"],
            "it is held while the run is paused: why",
        );
    }
}
