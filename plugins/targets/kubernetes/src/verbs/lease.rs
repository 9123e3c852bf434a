//! The mark of one writer: a Lease in the namespace, held and renewed for as long as a run lasts, and looked at by every
//! verb that changes something. Two people with ledgers of their own wait for each other by it; within one ledger there
//! is one writer anyway.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Resource, ask, at, fitting, labels, number, parse_time, print_time, text};
use slipway_sdk::{Claim, Failure, Place, clock, log, state};

use super::record;
use crate::{MANAGER, settings::Settings};

/// For a verb, while nobody renews it; whoever died is not waited for longer.
const HELD_S: u64 = 60;
const TURNS: u32 = 5;
/// Who holds it, in words: the identity is this program's.
const CLAIMED_BY: &str = "slipway.dev/claimed-by";

/// For a whole run: by whom, and for how long. No time lets go of it. None where there is no right to it, or no
/// namespace yet.
pub(super) fn claim(place: &Place<Settings>, by: &str, seconds: u32) -> Result<Option<Claim>, Failure> {
    if seconds == 0 {
        return release(place, &Holder::read()?.holder).map(|()| None);
    }
    take(place, &Holder::known(Some(by))?, seconds.into())
}

/// Does something unless another holds the mark: a run that has lost it writes nothing any more.
pub(super) fn held<T>(
    place: &Place<Settings>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let taken = take(place, &Holder::known(None)?, HELD_S)?;
    if let Some(Claim { by, since, .. }) = taken.filter(|claim| !claim.ours) {
        let since = since.map_or_else(String::new, |since| format!(", since {}", print_time(since)));
        return Err(
            Failure::refused(format!("another Slipway is deploying there now: {by}{since}"))
                .hint("wait until it has ended, and deploy again"),
        );
    }
    work()
}

/// Lets go of it; where nothing is left to write about, it goes.
fn release(place: &Place<Settings>, holder: &str) -> Result<(), Failure> {
    let (path, doing) = (path(place)?, "letting go of the mark of one writer");
    let live = ask(Ask::get(&path))?;
    if live.status == 403 {
        return Ok(());
    }
    let Some(live) = live.found(doing)? else {
        return Ok(());
    };
    if text(&live, "/spec/holderIdentity") != holder {
        return Ok(());
    }
    let done = if record::read(place)?.0.is_empty() {
        ask(Ask::delete(
            &path,
            Some(text(&live, "/metadata/uid")),
            "Background",
        ))?
    } else {
        let free = json!({
            "metadata": { "resourceVersion": live["metadata"]["resourceVersion"], "annotations": { CLAIMED_BY: null } },
            "spec": { "holderIdentity": null, "leaseDurationSeconds": null }
        });
        ask(Ask::merge(&path, MANAGER, &free))?
    };
    // Whoever has taken it meanwhile has it.
    if done.status == 409 {
        return Ok(());
    }
    done.found(doing).map(drop)
}

/// Who marks, as the ledger keeps it: the same for as long as it lives, with the words for the run of now.
#[derive(Default, Serialize, Deserialize)]
struct Holder {
    #[serde(default)]
    holder: String,
    #[serde(default)]
    by: String,
}

impl Holder {
    fn read() -> Result<Self, Failure> {
        let known = state::get()?.and_then(|known| serde_json::from_str(&known).ok());
        Ok(known.unwrap_or_default())
    }

    /// With the words of a run, if it is one that claims.
    fn known(by: Option<&str>) -> Result<Self, Failure> {
        let known = Self::read()?;
        let by = by.unwrap_or(&known.by).to_owned();
        if !known.holder.is_empty() && known.by == by {
            return Ok(known);
        }
        let holder = if known.holder.is_empty() {
            format!("slipway-{:x}", clock::now())
        } else {
            known.holder
        };
        let known = Self { holder, by };
        state::put(&serde_json::to_string(&known).unwrap_or_default())?;
        Ok(known)
    }
}

fn take(place: &Place<Settings>, own: &Holder, seconds: u64) -> Result<Option<Claim>, Failure> {
    let holder = own.holder.as_str();
    let doing = format!(
        "marking namespace {} as being written to",
        place.settings.namespace
    );
    for turn in 0..TURNS {
        let live = ask(Ask::get(path(place)?))?;
        if live.status == 403 {
            log::emit(
                log::Level::Debug,
                "there is no right to Leases: nobody is told that this one writes",
            );
            return Ok(None);
        }
        let (live, now) = (live.found(&doing)?, clock::now());
        if let Some(other) = live.as_ref().and_then(|live| held_by_another(live, holder, now)) {
            return Ok(Some(other));
        }
        // Who was faster was this one itself: what goes on with a run renews the mark after a call before it has looked.
        if turn > 0
            && let Some(live) = live.as_ref().filter(|live| is_held_by(live, holder, now))
        {
            return Ok(Some(told(live, holder)));
        }
        let lease = lease(place, live.as_ref(), own, (now, seconds));
        let answer = match &live {
            None => ask(Ask::create(
                &leases()?.list(Some(&place.settings.namespace)),
                MANAGER,
                &lease,
            ))?,
            Some(_) => ask(Ask::merge(&path(place)?, MANAGER, &lease))?,
        };
        match answer.status {
            // Somebody was faster: look again.
            409 => {}
            404 if live.is_none() => return Ok(None),
            _ => return answer.success(&doing).map(|made| Some(told(&made, holder))),
        }
    }
    Err(Failure::unavailable(format!("{doing}: others do the same")))
}

fn lease(place: &Place<Settings>, live: Option<&Value>, own: &Holder, (now, seconds): (u64, u64)) -> Value {
    let mut metadata = json!({
        "name": name(place),
        "labels": labels::owner(&place.service, &place.environment),
        "annotations": { CLAIMED_BY: own.by }
    });
    let mut spec = json!({
        "holderIdentity": own.holder, "leaseDurationSeconds": seconds, "renewTime": print_time(now)
    });
    if live.map(|live| text(live, "/spec/holderIdentity")) != Some(&own.holder) {
        spec["acquireTime"] = json!(print_time(now));
        // The fencing token: it grows with every holder.
        let token = live.and_then(|live| number(live, "/spec/leaseTransitions"));
        spec["leaseTransitions"] = json!(token.map_or(0, |token| token + 1));
    }
    if let Some(live) = live {
        metadata["resourceVersion"] = live["metadata"]["resourceVersion"].clone();
    }
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec
    })
}

/// Who holds it, if it is another and still does.
fn held_by_another(live: &Value, holder: &str, now: u64) -> Option<Claim> {
    let other = text(live, "/spec/holderIdentity");
    (other != holder && is_held_by(live, other, now)).then(|| told(live, holder))
}

fn is_held_by(live: &Value, holder: &str, now: u64) -> bool {
    let seconds = number(live, "/spec/leaseDurationSeconds").and_then(|seconds| u64::try_from(seconds).ok());
    let renewed = parse_time(text(live, "/spec/renewTime"));
    let ends = renewed
        .zip(seconds)
        .map(|(renewed, seconds)| renewed + seconds * 1000);
    !holder.is_empty() && text(live, "/spec/holderIdentity") == holder && ends.is_some_and(|ends| ends > now)
}

fn told(live: &Value, holder: &str) -> Claim {
    let other = text(live, "/spec/holderIdentity");
    let by = at(live, &["metadata", "annotations", CLAIMED_BY]).and_then(Value::as_str);
    let transitions = number(live, "/spec/leaseTransitions").unwrap_or_default();
    Claim {
        ours: other == holder,
        by: by.filter(|by| !by.is_empty()).unwrap_or(other).to_owned(),
        since: parse_time(text(live, "/spec/acquireTime")),
        token: format!("{}/{transitions}", text(live, "/metadata/uid")),
    }
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
        let mut live = json!({ "spec": { "holderIdentity": "a", "leaseDurationSeconds": 10, "renewTime": print_time(1000), "acquireTime": print_time(500) } });
        let claim = |by: &str| {
            Some(Claim {
                ours: false,
                by: by.to_owned(),
                since: Some(500),
                token: "/0".to_owned(),
            })
        };
        assert!(held_by_another(&live, "a", 2000).is_none());
        let own = [2000, 11_000].map(|now| is_held_by(&live, "a", now));
        assert_eq!(own, [true, false]);
        let same = |found: Option<Claim>, expected: Option<Claim>| {
            assert_eq!(format!("{found:?}"), format!("{expected:?}"))
        };
        same(held_by_another(&live, "b", 2000), claim("a"));
        live["metadata"] = json!({ "annotations": { CLAIMED_BY: "ann@host, run 1" } });
        same(held_by_another(&live, "b", 2000), claim("ann@host, run 1"));
        assert!(held_by_another(&live, "b", 11_000).is_none());
        assert!(held_by_another(&json!({}), "b", 0).is_none());
    }

    #[test]
    fn the_token_grows_with_every_holder() {
        let place = Place {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            settings: serde_json::from_value(json!({})).unwrap(),
        };
        let live = json!({ "metadata": { "resourceVersion": "7" }, "spec": { "holderIdentity": "a", "leaseTransitions": 3 } });
        let holder = |name: &str| Holder {
            holder: name.to_owned(),
            by: format!("{name}@host"),
        };
        let same = lease(&place, Some(&live), &holder("a"), (1000, 60));
        assert_eq!(same["spec"].get("leaseTransitions"), None);
        let other = lease(&place, Some(&live), &holder("b"), (1000, 60));
        assert_eq!(
            (
                &other["spec"]["leaseTransitions"],
                &other["metadata"]["resourceVersion"]
            ),
            (&json!(4), &json!("7"))
        );
        assert_eq!(other["metadata"]["annotations"][CLAIMED_BY], "b@host");
        let first = lease(&place, None, &holder("a"), (1000, 60));
        assert_eq!(first["spec"]["leaseTransitions"], 0);
    }
}
