//! Waiting in a verb, for a bounded time, by watching; for what has failed already no longer than it takes to see it.

use serde_json::Value;
use slipway_kubernetes_api::{Id, Watching};
use slipway_sdk::{Failure, Place, clock};

use super::{closer, lists};
use crate::{inventory::Item, settings::Settings, status::Standing};

/// Shorter than a call may take.
const LIMIT_MS: u64 = 300_000;
/// What takes less is not looked at closer.
const MOMENT_MS: u64 = 400;
/// A server may be gone without anybody being told.
const TURN_MS: u64 = 20_000;
/// More are watched when some of these have come about.
const AT_ONCE: usize = 50;

/// Until none of them is there.
pub(super) fn gone(objects: &[(Id, String)]) -> Result<(), Failure> {
    let mut left: Vec<_> = objects
        .iter()
        .map(|(id, path)| (id, lists::alone(path)))
        .collect();
    let (mut watching, time) = (Watching::default(), Time::begin());
    while !left.is_empty() {
        for (_, path) in left.iter().take(AT_ONCE) {
            watching.want(path, true);
        }
        watching.turn(TURN_MS)?;
        let mut looked_at = 0;
        left.retain(|(_, path)| {
            looked_at += 1;
            let there = looked_at > AT_ONCE || watching.objects(path).next().is_some();
            if !there {
                watching.leave(path);
            }
            there
        });
        if let Some((id, _)) = left.first().filter(|_| time.spent() >= LIMIT_MS) {
            let problem = format!("{id} is still being removed after {} s", LIMIT_MS / 1000);
            return Err(Failure::unavailable(problem)
                .hint("`kubectl describe` shows what holds it: a pod that does not end, or a finalizer"));
        }
    }
    Ok(())
}

/// What has not come about, and why.
pub(super) struct Unsettled {
    pub(super) id: Id,
    pub(super) why: String,
}

/// Until each has come about; answers the one that will not, with the cause first.
pub(super) fn settled(
    place: &Place<Settings>,
    objects: &[(Id, &Item)],
    judge: &dyn Fn(&Id, &Value) -> Standing,
) -> Result<Result<(), Unsettled>, Failure> {
    let mut left: Vec<(&Id, &Item, String)> = objects
        .iter()
        .map(|(id, item)| (id, *item, lists::alone(&item.path())))
        .collect();
    let (mut watching, time) = (Watching::default(), Time::begin());
    let mut failed: Option<(&Id, &Item, String)> = None;
    while !left.is_empty() {
        let closely = time.spent() >= MOMENT_MS;
        for (id, item, path) in left.iter().take(AT_ONCE) {
            watching.want(path, false);
            if closely {
                closer::want(place, (id, item), &mut watching)?;
            }
        }
        watching.turn(if closely { TURN_MS } else { MOMENT_MS })?;
        let mut waiting = Vec::new();
        for (index, (id, item, path)) in left.into_iter().enumerate() {
            let standing = match watching.objects(&path).next() {
                _ if index >= AT_ONCE => Standing::waits("it is looked at later"),
                Some(live) => judge(id, live),
                None => Standing::waits("it is not there"),
            };
            let why = match standing {
                Standing::InProgress(why) => why,
                Standing::Leaving => "it is being removed".to_owned(),
                ended => {
                    if let Standing::Failed(why) = ended {
                        failed.get_or_insert((id, item, why));
                    }
                    watching.leave(&path);
                    continue;
                }
            };
            waiting.push((id, item, path, why));
        }
        if closely {
            for (id, item, ..) in waiting.iter().take(AT_ONCE) {
                let found = closer::findings(place, (id, item), &watching)?;
                if found.iter().any(|finding| finding.hopeless) {
                    let (id, why) = ((*id).clone(), closer::words(&found)?);
                    return Ok(Err(Unsettled { id, why }));
                }
            }
        }
        if let Some((id, item, _, why)) = waiting.first().filter(|_| time.spent() >= LIMIT_MS) {
            let why = format!("{why}, after {} s", LIMIT_MS / 1000);
            failed.get_or_insert((id, item, why));
            break;
        }
        left = waiting
            .into_iter()
            .map(|(id, item, path, _)| (id, item, path))
            .collect();
    }
    let Some((id, item, why)) = failed else {
        return Ok(Ok(()));
    };
    watching.want(&lists::alone(&item.path()), false);
    watching.list()?;
    closer::want(place, (id, item), &mut watching)?;
    watching.list()?;
    let words = closer::words(&closer::findings(place, (id, item), &watching)?)?;
    let why = if words.is_empty() {
        why
    } else {
        format!("{why}: {words}")
    };
    Ok(Err(Unsettled { id: id.clone(), why }))
}

struct Time(u64);

impl Time {
    fn begin() -> Self {
        Self(clock::now())
    }

    fn spent(&self) -> u64 {
        clock::now().saturating_sub(self.0)
    }
}
