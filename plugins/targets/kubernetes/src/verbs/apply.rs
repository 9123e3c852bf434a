//! Server-side apply, many objects at a time. What others have set is not taken from them without being told.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, Refusal, ask, ask_all};
use slipway_sdk::{Failure, Place, clock, log};

use super::wait;
use crate::{
    MANAGER, ROUTER_MANAGER,
    document::Object,
    inventory::Item,
    labels,
    settings::{Allowance, Conflicts, Settings},
};

/// A kind that has just been defined is not served everywhere at once.
const SERVED_TURNS: u32 = 40;
const SERVED_MS: u64 = 250;

/// Objects with where they are.
pub(super) type Placed<'a> = Vec<(&'a Object, &'a Item)>;

/// Answers the uid of each. `overruled`: other managers whose fields are taken over.
pub(super) fn apply(
    place: &Place<Settings>,
    placed: &Placed<'_>,
    overruled: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<Id, String>, Failure> {
    let force = place.settings.conflicts == Conflicts::Take;
    let asks = placed.iter().map(|(object, item)| request(object, item, force));
    let answers = ask_all(asks.collect())?;
    let (mut uids, mut failures) = (BTreeMap::new(), Vec::new());
    for ((object, item), answer) in placed.iter().zip(answers) {
        let made = answer
            .told()
            .or_else(|refusal| again(place, object, item, (refusal, overruled)));
        match made {
            Ok(made) => drop(uids.insert(object.id.clone(), labels::uid(&made).to_owned())),
            Err(refused) => failures.push(refused),
        }
    }
    let count = failures.len();
    match failures.into_iter().next() {
        None => Ok(uids),
        Some(failure) => Err(more(failure, count)),
    }
}

fn request(object: &Object, item: &Item, force: bool) -> Ask {
    Ask::apply(&item.path(), MANAGER, force, &object.body).metadata_only()
}

/// What can be done about a refusal.
fn again(
    place: &Place<Settings>,
    object: &Object,
    item: &Item,
    (refusal, overruled): (Refusal, &dyn Fn(&str) -> bool),
) -> Result<Value, Failure> {
    let send =
        |force| -> Result<Result<Value, Refusal>, Failure> { Ok(ask(request(object, item, force))?.told()) };
    let told = |refusal: Refusal| explain(&object.id, &refusal);
    let conflicts = refusal.conflicts();
    if !conflicts.is_empty() {
        // The router's share of an object has been taken over into it.
        let yields = |manager: &str| manager == ROUTER_MANAGER || overruled(manager);
        if conflicts.iter().all(|(manager, _)| yields(manager)) {
            return send(true)?.map_err(told);
        }
        return Err(told(refusal));
    }
    if refusal.code == 409 {
        return send(place.settings.conflicts == Conflicts::Take)?.map_err(told);
    }
    if refusal.code == 404 && refusal.message.contains("could not find the requested resource") {
        return served(send)?.map_err(told);
    }
    if refusal.immutable() && may_replace(&place.settings, &object.id) {
        let text = format!("{} cannot be changed: it is removed and made anew", object.id);
        log::emit(log::Level::Warn, &text);
        ask(Ask::delete(&item.path(), None, "Foreground"))?.found(&format!("removing {}", object.id))?;
        wait::gone(&[(object.id.clone(), item.path())])?;
        return send(true)?.map_err(told);
    }
    Err(told(refusal))
}

fn served(
    send: impl Fn(bool) -> Result<Result<Value, Refusal>, Failure>,
) -> Result<Result<Value, Refusal>, Failure> {
    for _ in 0..SERVED_TURNS {
        clock::sleep(SERVED_MS);
        match send(false)? {
            Err(still) if still.code == 404 => {}
            told => return Ok(told),
        }
    }
    send(false)
}

/// With a volume's claim goes what is on it: that takes two words.
fn may_replace(settings: &Settings, id: &Id) -> bool {
    let holds_data = [
        "PersistentVolumeClaim",
        "PersistentVolume",
        "Namespace",
        "CustomResourceDefinition",
    ];
    settings.allows(Allowance::Replace)
        && (!holds_data.contains(&id.kind.as_str())
            || (id.kind.starts_with("PersistentVolume") && settings.allows(Allowance::PruneVolumes)))
}

/// In a person's words.
pub(super) fn explain(id: &Id, refusal: &Refusal) -> Failure {
    let conflicts = refusal.conflicts();
    if !conflicts.is_empty() {
        let fields: Vec<_> = conflicts
            .iter()
            .map(|(manager, field)| format!("{field} (set by {manager})"))
            .collect();
        return Failure::refused(format!("applying {id}: others have set {}", fields.join(", "))).hint(
            "take their change over into the package, or leave the field out of it, or set `conflicts = \"take\"` to overrule them",
        );
    }
    let failure = refusal.failure(&format!("applying {id}"));
    if refusal.immutable() {
        return failure.hint("what was made cannot be changed so: give it another name, or set `allow = [\"replace\"]` to have it removed and made anew");
    }
    if refusal.code == 403 && refusal.message.contains("being terminated") {
        return Failure::unavailable(failure.message)
            .hint("the namespace is being removed: wait until it is gone");
    }
    failure
}

fn more(mut failure: Failure, count: usize) -> Failure {
    if count > 1 {
        failure.message = format!(
            "{} (and {} more objects were refused)",
            failure.message,
            count - 1
        );
    }
    failure
}
