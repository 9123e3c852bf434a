//! What else can be waited for.

use serde_json::Value;
use slipway_kubernetes_api::{items, number, text};

use super::{Standing, standing::condition};

pub(super) fn job(live: &Value) -> Standing {
    if let Some(("True", why)) = condition(live, "Failed") {
        return Standing::Failed(why);
    }
    let done = matches!(condition(live, "Complete"), Some(("True", _)));
    let suspended = live.pointer("/spec/suspend") == Some(&Value::Bool(true));
    if done || suspended {
        return Standing::Current;
    }
    let succeeded = number(live, "/status/succeeded").unwrap_or(0);
    let wanted = number(live, "/spec/completions").unwrap_or(1);
    Standing::waits(format!("{succeeded} of {wanted} pods have done their work"))
}

pub(super) fn claim(live: &Value) -> Standing {
    match text(live, "/status/phase") {
        "Bound" => Standing::Current,
        "Lost" => Standing::Failed("its volume is lost".to_owned()),
        _ => Standing::waits("no volume is bound to it"),
    }
}

pub(super) fn budget(live: &Value) -> Standing {
    let status = |field: &str| number(live, &format!("/status/{field}"));
    match (status("currentHealthy"), status("desiredHealthy")) {
        (Some(now), Some(wanted)) if now < wanted => {
            Standing::waits(format!("{now} of {wanted} pods are well"))
        }
        (None, _) => Standing::waits("its controller has not seen it yet"),
        _ => Standing::Current,
    }
}

pub(super) fn definition(live: &Value) -> Standing {
    if let Some(("False", why)) = condition(live, "NamesAccepted") {
        return Standing::Failed(why);
    }
    match condition(live, "Established") {
        Some(("True", _)) => Standing::Current,
        _ => Standing::waits("it is not established"),
    }
}

/// A Service by its EndpointSlices: somebody must be there to answer, and nobody of another revision.
pub(crate) fn service(slices: &[Value], others: &[String]) -> Standing {
    // What does not say counts as ready.
    let ready = |endpoint: &&Value| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false));
    let ready: Vec<_> = slices
        .iter()
        .flat_map(|slice| items(slice, "/endpoints"))
        .filter(ready)
        .collect();
    let other = |endpoint: &&&Value| others.iter().any(|pod| pod == text(endpoint, "/targetRef/name"));
    match (ready.len(), ready.iter().filter(other).count()) {
        (0, _) => Standing::waits("no pod is ready to answer"),
        (_, 0) => Standing::Current,
        (_, old) => Standing::waits(format!("{old} pods of another revision still answer")),
    }
}
