//! Adopt: objects that kubectl or Helm has made become an instance's, as they are. Pod templates stay byte for byte as
//! they are, so that no pod is restarted; what changes is who owns the fields, and what says whose the object is.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, ask_all, at, is_hand_tool, managers};
use slipway_sdk::{Change, ChangeKind, Failure, InstanceSpec, Place};

use super::{
    hand_over::{LAST_APPLIED, hand_over},
    keep::keep,
    lease,
    live::{self, Live},
    prepare::{Map, Prepared, prepare},
    record,
    start::make,
};
use crate::{
    MANAGER, diff,
    document::Object,
    inventory::{Entry, Inventory, Item, State},
    labels,
    said::unsaid,
    settings::{Mode, Settings},
};

const HELM_RELEASE: &str = "meta.helm.sh/release-name";
/// More are only counted.
const LINES: usize = 10;

pub(super) fn adopt(
    place: &Place<Settings>,
    instance: &InstanceSpec,
    changes: bool,
) -> Result<Vec<Change>, Failure> {
    if place.settings.mode != Mode::InPlace {
        return Err(Failure::unsupported(
            "revisions that run beside each other have names of their own, so what others have made cannot be one of them",
        )
        .hint("take it over with `mode = \"in-place\"` and deploy once; from then on `mode = \"side-by-side\"` works"));
    }
    let inventory = record::read(place)?;
    let gone: Vec<String> = former(&inventory, instance)?.into_iter().cloned().collect();
    let mut prepared = prepare(place, instance, Some(&instance.revision))?;
    let map = Map::draw(place, &prepared.objects)?;
    let items = map.items(&prepared.objects)?;
    let live = live::read(&prepared.objects, &items, true)?;
    live::check_owners(place, &live)?;
    keep(&mut prepared, &live)?;
    let differences = differences(&prepared.objects, &items, &live)?;
    if !changes && let Some(refusal) = refused(&differences) {
        return Err(refusal);
    }
    lease::held(place, || take_over(place, &prepared, (items, &gone), &live))?;
    let left = prepared
        .objects
        .iter()
        .filter_map(|object| left(object, live.get(&object.id)?));
    let mut told: Vec<_> = differences.into_iter().chain(left).collect();
    told.extend(helm(place, &live));
    Ok(told)
}

/// Only what Slipway has not deployed itself is taken over. What an attempt that came to nothing has written down is not
/// in the way.
fn former<'a>(inventory: &'a Inventory, instance: &InstanceSpec) -> Result<Vec<&'a String>, Failure> {
    let known = inventory
        .0
        .iter()
        .filter(|(_, entry)| entry.artifact == instance.artifact);
    let one = |(key, entry): (&'a String, &Entry)| {
        if entry.unmarked() {
            return Ok(key);
        }
        Err(Failure::refused(format!(
            "{} is there already: nothing is left to take over",
            entry.instance
        ))
        .hint("go on from the folder that it was deployed from"))
    };
    known
        .filter(|(_, entry)| entry.revision != instance.revision || !entry.unmarked())
        .map(one)
        .collect()
}

/// What would change for it: of what is said of an object, and not of whose it is.
fn differences(objects: &[Object], items: &[Item], live: &Live) -> Result<Vec<Change>, Failure> {
    let trial = |(object, item): (&Object, &Item)| {
        // A Secret's values are not shown: the trial is refused if they differ.
        let secret = object.id.is("", "Secret");
        let ask = Ask::apply(&item.path(), MANAGER, !secret, &object.body).dry();
        if secret { ask.metadata_only() } else { ask }
    };
    let there = || {
        objects
            .iter()
            .zip(items)
            .filter(|(object, _)| live.contains_key(&object.id))
    };
    let mut found: Vec<_> = objects
        .iter()
        .filter(|object| !live.contains_key(&object.id))
        .map(|object| change(ChangeKind::Create, &object.id, "it is not there".to_owned()))
        .collect();
    for ((object, _), answer) in there().zip(ask_all(there().map(trial).collect())?) {
        let now = &live[&object.id];
        let lines = match answer.told() {
            Ok(wanted) => diff::lines(
                &labels::without_marks(now),
                &labels::without_marks(&wanted),
                &managers(now),
            ),
            Err(refusal) => {
                let conflicts: Vec<_> = refusal
                    .conflicts()
                    .into_iter()
                    .filter(|(_, field)| field.starts_with(".data"))
                    .map(|(manager, field)| format!("{}: *** -> *** (set by {manager})", &field[1..]))
                    .collect();
                if conflicts.is_empty() && refusal.conflicts().is_empty() {
                    vec![format!("refused: {}", refusal.message)]
                } else {
                    conflicts
                }
            }
        };
        if !lines.is_empty() {
            found.push(change(ChangeKind::Replace, &object.id, lines.join("; ")));
        }
    }
    Ok(found)
}

fn refused(differences: &[Change]) -> Option<Failure> {
    let count = differences.len();
    let mut lines: Vec<_> = differences
        .iter()
        .take(LINES)
        .map(|Change { subject, detail, .. }| format!("{subject}: {detail}"))
        .collect();
    if count > LINES {
        lines.push(format!("and {} more", count - LINES));
    }
    let objects = if count == 1 {
        "1 object".to_owned()
    } else {
        format!("{count} objects")
    };
    (count > 0).then(|| {
        Failure::refused(format!(
            "{objects} would change, so nothing is taken over\n{}",
            lines.join("\n")
        ))
        .hint("bring the package in line with what runs, or allow the changes with `--allow-changes`: what runs may be restarted for them")
    })
}

fn take_over(
    place: &Place<Settings>,
    prepared: &Prepared,
    (items, gone): (Vec<Item>, &[String]),
    live: &Live,
) -> Result<(), Failure> {
    let mut entry = prepared.entry(items);
    record::write(place, &[&entry], gone)?;
    make(place, &prepared.objects, &mut entry, &is_hand_tool)?;
    let there: Vec<(Id, String)> = entry
        .objects
        .iter()
        .map(|item| (item.id(&place.settings.namespace), item.path()))
        .filter(|(id, _)| live.contains_key(id))
        .collect();
    hand_over(&there)?;
    entry.state = State::Running;
    record::write(place, &[&entry], &[])
}

/// What somebody has said to kubectl and the package does not say stays as it is.
fn left(object: &Object, live: &Value) -> Option<Change> {
    let said = at(live, &["metadata", "annotations", LAST_APPLIED])?.as_str()?;
    // A Secret's values are in it.
    let said: Value = serde_json::from_str(said)
        .ok()
        .filter(|_| !object.id.is("", "Secret"))?;
    let mut fields = unsaid(&said, &object.body);
    let more = fields.len().saturating_sub(LINES);
    fields.truncate(LINES);
    let mut text = fields.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    let detail = format!("not in the package, and left as it is: {text}");
    (!fields.is_empty()).then(|| change(ChangeKind::Keep, &object.id, detail))
}

/// Helm does not know that its objects are somebody else's now.
fn helm(place: &Place<Settings>, live: &Live) -> Vec<Change> {
    let release = |live| at(live, &["metadata", "annotations", HELM_RELEASE]).and_then(|name| name.as_str());
    let releases: BTreeSet<&str> = live.values().filter_map(release).collect();
    let told = |name: &&str| {
        let namespace = &place.settings.namespace;
        Change {
            kind: ChangeKind::Keep,
            subject: format!("Helm release {name}"),
            detail: format!(
                "Helm still believes that it has these objects, and `helm uninstall` would remove them: `kubectl delete secret -n {namespace} -l owner=helm,name={name}` makes it forget them"
            ),
            seen: String::new(),
        }
    };
    releases.iter().map(told).collect()
}

fn change(kind: ChangeKind, id: &Id, detail: String) -> Change {
    Change {
        kind,
        subject: id.to_string(),
        detail,
        seen: String::new(),
    }
}
