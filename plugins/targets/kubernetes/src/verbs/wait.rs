//! Waiting in a verb, for a bounded time.

use serde_json::Value;
use slipway_kubernetes_api::{Answer, Ask, Id, ask_all};
use slipway_sdk::{Failure, clock};

use crate::status::Standing;

/// Shorter than a call may take.
const LIMIT_MS: u64 = 300_000;
const FIRST_MS: u64 = 200;
const LONGEST_MS: u64 = 2_000;

/// Until none of them is there.
pub(super) fn gone(objects: &[(Id, String)]) -> Result<(), Failure> {
    let left = until(objects, true, |_, answer| Ok(answer.status == 404))?;
    match left {
        None => Ok(()),
        Some(id) => Err(Failure::unavailable(format!(
            "{id} is still being removed after {} s",
            LIMIT_MS / 1000
        ))
        .hint("`kubectl describe` shows what holds it: a pod that does not end, or a finalizer")),
    }
}

/// Until each has come about; answers what one that will not waits for.
pub(super) fn settled(
    objects: &[(Id, String)],
    judge: fn(&Id, &Value) -> Standing,
) -> Result<Result<(), (Id, String)>, Failure> {
    let mut failed = None;
    let mut waiting = String::new();
    let left = until(objects, false, |id, answer| {
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
    })?;
    if let Some(failed) = failed {
        return Ok(Err(failed));
    }
    Ok(left.map_or(Ok(()), |id| {
        Err((id, format!("{waiting}, after {} s", LIMIT_MS / 1000)))
    }))
}

/// The first that is not so when time is up.
fn until(
    objects: &[(Id, String)],
    metadata: bool,
    mut so: impl FnMut(&Id, &Answer) -> Result<bool, Failure>,
) -> Result<Option<Id>, Failure> {
    let mut open: Vec<_> = objects.iter().collect();
    let (mut spent, mut pause) = (0, FIRST_MS);
    loop {
        let ask = |(_, path): &&(Id, String)| {
            let ask = Ask::get(path.as_str());
            if metadata { ask.metadata_only() } else { ask }
        };
        let answers = ask_all(open.iter().map(ask).collect())?;
        let mut left = Vec::new();
        for (object, answer) in open.into_iter().zip(answers) {
            if !so(&object.0, &answer)? {
                left.push(object);
            }
        }
        if left.is_empty() {
            return Ok(None);
        }
        if spent >= LIMIT_MS {
            return Ok(Some(left[0].0.clone()));
        }
        clock::sleep(pause);
        spent += pause;
        pause = (pause * 3 / 2).min(LONGEST_MS);
        open = left;
    }
}
