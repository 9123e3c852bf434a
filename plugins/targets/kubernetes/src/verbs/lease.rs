//! The mark of one writer: a Lease in the namespace, held while a verb changes something. Two people with ledgers of
//! their own are told of each other by it; within one ledger there is one writer anyway.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Resource, ask, fitting, labels, number, parse_time, print_time, text};
use slipway_sdk::{Failure, Place, clock, log, state};

use crate::{MANAGER, settings::Settings};

/// Longer than a verb may take: whoever died does not come back as somebody else.
const HELD_S: u64 = 660;
/// After a verb, so that the next one of the same run comes first.
const AFTER_S: u64 = 20;
const TURNS: u32 = 5;

/// Does something while holding the mark.
pub(super) fn held<T>(
    place: &Place<Settings>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let holder = holder()?;
    let held = take(place, &holder, HELD_S)?;
    let done = work();
    // That it could not be let go is nothing that anybody has to do anything about: it runs out.
    if held && let Err(failure) = take(place, &holder, AFTER_S) {
        log::emit(log::Level::Warn, &failure.message);
    }
    done
}

/// Nothing is left to write about.
pub(super) fn drop(place: &Place<Settings>) -> Result<(), Failure> {
    let answer = ask(Ask::delete(&path(place)?, None, "Background"))?;
    answer
        .found("removing the mark of one writer")
        .map(std::mem::drop)
}

/// The same for as long as the ledger lives.
fn holder() -> Result<String, Failure> {
    if let Some(known) = state::get()? {
        let known: Value = serde_json::from_str(&known).unwrap_or_default();
        if !text(&known, "/holder").is_empty() {
            return Ok(text(&known, "/holder").to_owned());
        }
    }
    let holder = format!("slipway-{:x}", clock::now());
    state::put(&json!({ "holder": holder }).to_string())?;
    Ok(holder)
}

/// Answers whether there is a mark at all: who may not make one works without.
fn take(place: &Place<Settings>, holder: &str, seconds: u64) -> Result<bool, Failure> {
    let doing = format!(
        "marking namespace {} as being written to",
        place.settings.namespace
    );
    for _ in 0..TURNS {
        let live = ask(Ask::get(path(place)?))?;
        if live.status == 403 {
            log::emit(
                log::Level::Debug,
                "there is no right to Leases: nobody is told that this one writes",
            );
            return Ok(false);
        }
        let (live, now) = (live.found(&doing)?, clock::now());
        if let Some(other) = live.as_ref().and_then(|live| held_by_another(live, holder, now)) {
            return Err(Failure::refused(format!("another Slipway is deploying there now: {other}"))
                .hint("wait until it has ended, and let only one of the two deploy this service to this environment"));
        }
        let lease = lease(place, live.as_ref(), holder, (now, seconds));
        let answer = match &live {
            None => ask(Ask::create(
                &leases()?.list(Some(&place.settings.namespace)),
                MANAGER,
                &lease,
            ))?,
            Some(_) => ask(Ask::merge(&path(place)?, MANAGER, &lease))?,
        };
        // Somebody was faster: look again.
        if answer.status != 409 {
            return answer.success(&doing).map(|_| true);
        }
    }
    Err(Failure::unavailable(format!("{doing}: others do the same")))
}

fn lease(place: &Place<Settings>, live: Option<&Value>, holder: &str, (now, seconds): (u64, u64)) -> Value {
    let mut metadata = json!({
        "name": name(place),
        "labels": {
            labels::MANAGED_BY: "slipway",
            labels::SERVICE: fitting(&place.service, labels::LABEL_LIMIT),
            labels::ENVIRONMENT: fitting(&place.environment, labels::LABEL_LIMIT),
        }
    });
    if let Some(live) = live {
        metadata["resourceVersion"] = live["metadata"]["resourceVersion"].clone();
    }
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata,
        "spec": { "holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": print_time(now) }
    })
}

/// Who holds it and until when, if it is another and still does.
fn held_by_another(live: &Value, holder: &str, now: u64) -> Option<String> {
    let other = text(live, "/spec/holderIdentity");
    let seconds = u64::try_from(number(live, "/spec/leaseDurationSeconds")?).ok()?;
    let ends = parse_time(text(live, "/spec/renewTime"))? + seconds * 1000;
    (!other.is_empty() && other != holder && ends > now)
        .then(|| format!("{other}, at the longest until {}", print_time(ends)))
}

fn name(place: &Place<Settings>) -> String {
    fitting(&format!("slipway-{}-{}", place.service, place.environment), 200)
}

fn path(place: &Place<Settings>) -> Result<String, Failure> {
    Ok(leases()?.one(Some(&place.settings.namespace), &name(place)))
}

fn leases() -> Result<Resource, Failure> {
    Resource::known("coordination.k8s.io", "Lease")
        .ok_or_else(|| Failure::failed("nothing is known of Lease"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_holds_it_until_its_time_is_up() {
        let live = json!({ "spec": { "holderIdentity": "a", "leaseDurationSeconds": 10, "renewTime": print_time(1000) } });
        assert_eq!(held_by_another(&live, "a", 2000), None);
        assert!(
            held_by_another(&live, "b", 2000)
                .unwrap()
                .starts_with("a, at the longest until 1970-01-01T00:00:11")
        );
        assert_eq!(held_by_another(&live, "b", 11_000), None);
        assert_eq!(held_by_another(&json!({}), "b", 0), None);
    }
}
