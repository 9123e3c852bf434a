//! What runs pods.

use serde_json::Value;
use slipway_kubernetes_api::{number, text};

use super::{Standing, standing::condition};

pub(super) fn deployment(live: &Value) -> Standing {
    let status = |field: &str| number(live, &format!("/status/{field}")).unwrap_or(0);
    let wanted = number(live, "/spec/replicas").unwrap_or(1);
    if number(live, "/status/observedGeneration").is_none() {
        return Standing::waits("its controller has not seen it yet");
    }
    if let Some(("False", why)) = condition(live, "Progressing")
        && why.starts_with("ProgressDeadlineExceeded")
    {
        return Standing::Failed(why);
    }
    let (updated, available) = (status("updatedReplicas"), status("availableReplicas"));
    if updated < wanted {
        return match condition(live, "ReplicaFailure") {
            Some(("True", why)) => Standing::waits(why),
            _ => Standing::waits(format!("{updated} of {wanted} pods are of this revision")),
        };
    }
    let old = status("replicas") - updated;
    if old > 0 {
        return Standing::waits(format!("{old} pods of the revision before are still there"));
    }
    if available < wanted {
        return Standing::waits(format!("{available} of {wanted} pods are available"));
    }
    Standing::Current
}

pub(super) fn stateful_set(live: &Value) -> Standing {
    if text(live, "/spec/updateStrategy/type") == "OnDelete" {
        return Standing::Current;
    }
    let status = |field: &str| number(live, &format!("/status/{field}")).unwrap_or(0);
    let wanted = number(live, "/spec/replicas").unwrap_or(1);
    let partition = number(live, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
    if number(live, "/status/observedGeneration").is_none() {
        return Standing::waits("its controller has not seen it yet");
    }
    if status("readyReplicas") < wanted {
        return Standing::waits(format!("{} of {wanted} pods are ready", status("readyReplicas")));
    }
    let updated = status("updatedReplicas");
    if partition > 0 {
        let due = (wanted - partition).max(0);
        return if updated < due {
            Standing::waits(format!(
                "{updated} of {due} pods beyond the partition are of this revision"
            ))
        } else {
            Standing::Current
        };
    }
    // Back to the revision before, both are the same at once, while pods of the other one still run.
    let same = text(live, "/status/currentRevision") == text(live, "/status/updateRevision");
    if !same || updated < wanted {
        return Standing::waits(format!("{updated} of {wanted} pods are of this revision"));
    }
    Standing::Current
}

pub(super) fn daemon_set(live: &Value) -> Standing {
    let status = |field: &str| number(live, &format!("/status/{field}"));
    let Some(wanted) = status("desiredNumberScheduled").filter(|_| status("observedGeneration").is_some())
    else {
        return Standing::waits("its controller has not seen it yet");
    };
    let on_delete = text(live, "/spec/updateStrategy/type") == "OnDelete";
    for (field, what) in [
        ("currentNumberScheduled", "are on their nodes"),
        ("updatedNumberScheduled", "are of this revision"),
        ("numberAvailable", "are available"),
        ("numberReady", "are ready"),
    ] {
        let now = status(field).unwrap_or(0);
        if now < wanted && !(on_delete && field == "updatedNumberScheduled") {
            return Standing::waits(format!("{now} of {wanted} pods {what}"));
        }
    }
    Standing::Current
}

pub(super) fn replica_set(live: &Value) -> Standing {
    let wanted = number(live, "/spec/replicas").unwrap_or(1);
    if let Some(("True", why)) = condition(live, "ReplicaFailure") {
        return Standing::waits(why);
    }
    let available = number(live, "/status/availableReplicas").unwrap_or(0);
    if available < wanted {
        return Standing::waits(format!("{available} of {wanted} pods are available"));
    }
    Standing::Current
}

pub(super) fn pod(live: &Value) -> Standing {
    match text(live, "/status/phase") {
        "Succeeded" => Standing::Current,
        "Failed" => Standing::Failed(match text(live, "/status/message") {
            "" => "the pod has failed".to_owned(),
            message => message.to_owned(),
        }),
        _ => match condition(live, "Ready") {
            Some(("True", _)) => Standing::Current,
            _ => Standing::waits("the pod is not ready"),
        },
    }
}
