//! What a run was judged by, judged again: from its journal, and by nothing else.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use slipway_engine::{Event, judge::Verdict};
use slipway_journal::{Entry, Record};
use slipway_report::{TIME, table};

use super::{
    end,
    set::{Set, apply},
};
use crate::{
    commands::{Done, recorded::Recorded, runs},
    context::Context,
    error::CommandError,
};

#[derive(Serialize)]
struct Replayed {
    at: Timestamp,
    then: Verdict,
    now: Verdict,
}

pub(super) async fn replay(context: &Context, run: &str, set: &[Set]) -> Done {
    let Recorded { run, store, .. } = &Recorded::find(context, run).await?;
    let records = runs::records(store, &run.id).await?;
    let (mut replayed, mut taken) = (Vec::new(), vec![false; set.len()]);
    for (at, then) in records.iter().filter_map(judged) {
        let Some(mut evidence) = then.evidence.clone() else {
            continue;
        };
        for (set, taken) in set.iter().zip(&mut taken) {
            *taken |= apply(set, &mut evidence.analysis)?;
        }
        let now = evidence.judge(then.revision);
        replayed.push(Replayed { at, then, now });
    }
    if replayed.is_empty() {
        return Err(
            CommandError::failed(format!("no analysis of run {} was judged", run.id))
                .hint("`slipway history` lists all runs; analyses are judged while a revision has users"),
        );
    }
    if let Some((set, _)) = set.iter().zip(taken).find(|(_, taken)| !taken) {
        return Err(CommandError::usage(format!(
            "--set {set}: no analysis of the run has that"
        )));
    }
    context
        .ui
        .answer(&json!({ "run": run.id, "verdicts": replayed }), || {
            let row = |one: &Replayed| {
                vec![
                    one.now.name.clone(),
                    one.now.revision.short(),
                    one.at.strftime(TIME).to_string(),
                    one.then.outcome.word().to_owned(),
                    one.now.outcome.word().to_owned(),
                    one.now.detail.clone(),
                ]
            };
            table(
                &["ANALYSIS", "REVISION", "JUDGED", "THEN", "NOW", "WHY"],
                &replayed.iter().map(row).collect::<Vec<_>>(),
            )
        });
    end(replayed
        .iter()
        .map(|one| (one.now.name.as_str(), one.now.outcome)))
}

fn judged(record: &Record) -> Option<(Timestamp, Verdict)> {
    let Entry::Event { data, .. } = &record.entry else {
        return None;
    };
    match serde_json::from_value(data.clone()).ok()? {
        Event::Judged { verdict } => Some((record.at, verdict)),
        _ => None,
    }
}
