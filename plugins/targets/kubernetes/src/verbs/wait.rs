//! Waiting in a verb, for a bounded time; for what has failed already no longer than it takes to see it.

use serde_json::Value;
use slipway_kubernetes_api::{Answer, Ask, Id, ask_all};
use slipway_sdk::{Failure, Place, clock};

use super::look;
use crate::{
    inventory::Item,
    kinds::{is_job, is_workload},
    settings::Settings,
    status::Standing,
};

/// Shorter than a call may take.
const LIMIT_MS: u64 = 300_000;
const FIRST_MS: u64 = 200;
const LONGEST_MS: u64 = 2_000;

/// Until none of them is there.
pub(super) fn gone(objects: &[(Id, String)]) -> Result<(), Failure> {
    let asks = |(_, path): &(Id, String)| Ask::get(path.as_str()).metadata_only();
    let left = until(objects, asks, |_, answer| Ok(answer.status == 404), |_| Ok(false))?;
    match left {
        None => Ok(()),
        Some((id, _)) => Err(Failure::unavailable(format!(
            "{id} is still being removed after {} s",
            LIMIT_MS / 1000
        ))
        .hint("`kubectl describe` shows what holds it: a pod that does not end, or a finalizer")),
    }
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
    let mut failed: Option<(Id, String)> = None;
    let mut doomed: Option<Unsettled> = None;
    let mut waiting = String::new();
    let left = until(
        objects,
        |(_, item)| Ask::get(item.path()),
        |(id, _), answer| {
            let Some(live) = answer.found(&format!("reading {id}"))? else {
                waiting = "it is not there".to_owned();
                return Ok(false);
            };
            match judge(id, &live) {
                Standing::Current => return Ok(true),
                Standing::Failed(why) => {
                    failed.get_or_insert((id.clone(), why));
                    return Ok(true);
                }
                Standing::InProgress(why) => waiting = why,
                Standing::Leaving => waiting = "it is being removed".to_owned(),
            }
            Ok(false)
        },
        |left| {
            for (id, item) in left.iter().filter(|(id, _)| is_workload(id) || is_job(id)) {
                let found = look::at_one(item, place)?;
                if found.hopeless {
                    let (id, why) = (id.clone(), found.words);
                    doomed = Some(Unsettled { id, why });
                    return Ok(true);
                }
            }
            Ok(false)
        },
    )?;
    if doomed.is_some() {
        return Ok(doomed.map_or(Ok(()), Err));
    }
    let late = || {
        let (id, _) = left?;
        Some((id.clone(), format!("{waiting}, after {} s", LIMIT_MS / 1000)))
    };
    let Some((id, why)) = failed.or_else(late) else {
        return Ok(Ok(()));
    };
    let item = objects.iter().find(|(other, _)| *other == id);
    let found = item.map(|(_, item)| look::at_one(item, place)).transpose()?;
    let why = match found.map(|found| found.words).filter(|words| !words.is_empty()) {
        Some(words) => format!("{why}: {words}"),
        None => why,
    };
    Ok(Err(Unsettled { id, why }))
}

/// The first that is not so when time is up, or when looking closer says that waiting is in vain.
fn until<T>(
    objects: &[T],
    ask: impl Fn(&T) -> Ask,
    mut so: impl FnMut(&T, &Answer) -> Result<bool, Failure>,
    mut in_vain: impl FnMut(&[&T]) -> Result<bool, Failure>,
) -> Result<Option<&T>, Failure> {
    let mut open: Vec<&T> = objects.iter().collect();
    let (mut spent, mut pause) = (0, FIRST_MS);
    loop {
        let answers = ask_all(open.iter().map(|object| ask(object)).collect())?;
        let mut left = Vec::new();
        for (object, answer) in open.into_iter().zip(answers) {
            if !so(object, &answer)? {
                left.push(object);
            }
        }
        if left.is_empty() {
            return Ok(None);
        }
        // What takes a moment only is not looked at closer.
        if spent >= LIMIT_MS || (spent > 2 * FIRST_MS && in_vain(&left)?) {
            return Ok(Some(left[0]));
        }
        clock::sleep(pause);
        spent += pause;
        pause = (pause * 3 / 2).min(LONGEST_MS);
        open = left;
    }
}
