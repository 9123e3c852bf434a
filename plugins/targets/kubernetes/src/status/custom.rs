//! Custom resources, by the conditions that most controllers speak.

use serde_json::Value;
use slipway_kubernetes_api::{items, text};

use super::{
    Standing,
    standing::{condition, reason},
};

pub(super) fn standing(live: &Value) -> Standing {
    if let Some(("True", why)) = condition(live, "Stalled") {
        return Standing::Failed(why);
    }
    if let Some(("True", why)) = condition(live, "Reconciling") {
        return Standing::waits(why);
    }
    for kind in ["Ready", "Available", "Established"] {
        match condition(live, kind) {
            Some(("True", _)) => return Standing::Current,
            Some((_, why)) => return Standing::waits(why),
            None => {}
        }
    }
    // Routes say it for each Gateway.
    let said = items(live, "/status/parents").flat_map(|parent| items(parent, "/conditions"));
    let mut refused = said.filter(|said| {
        ["Accepted", "ResolvedRefs"].contains(&text(said, "/type")) && text(said, "/status") == "False"
    });
    refused
        .next()
        .map_or(Standing::Current, |said| Standing::waits(reason(said)))
}
