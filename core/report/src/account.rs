//! Accounts of runs that tests read.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use slipway_journal::{Ending, Entry, Record};
use slipway_model::Digest;

use crate::{Account, RunLine, happenings};

/// A canary that an analysis has stopped, and that went back.
pub(crate) fn rolled_back() -> Account {
    recorded().0
}

fn went_back() -> [Entry; 6] {
    [
        judged(
            "errors",
            "fail",
            "7 of 20 requests <bad> & 100%,\n\u{1b}[31mred: ]]>",
        ),
        told(json!({ "event": "failed", "cause": "errors: fail: 7 of 20", "hint": null })),
        told(json!({ "event": "rolling-back", "actions": ["send 100 % of users to 1"] })),
        action("started", 1, "send 100 % of users to 1"),
        action("finished", 1, "send 100 % of users to 1"),
        Entry::Ended {
            ending: Ending::RolledBack,
            summary: "errors: fail: 7 of 20".to_owned(),
        },
    ]
}

/// A canary that all users are on, with or without a revision before it.
pub(crate) fn succeeded(had_one: bool) -> Account {
    let mut entries = canary(had_one);
    entries.extend([
        action("finished", 2, "watch revision 2 for 1m: alive, errors"),
        action("started", 3, "confirm revision 2"),
        action("finished", 3, "confirm revision 2"),
        told(json!({ "event": "step-finished", "step": "cutover", "summary": "all users are on shop 2" })),
        Entry::Ended {
            ending: Ending::Succeeded,
            summary: "all users are on shop 2".to_owned(),
        },
    ]);
    account(entries, "succeeded")
}

/// One that has told nothing.
pub(crate) fn ended(ending: Ending, summary: &str) -> Account {
    let entries = vec![
        Entry::Started {
            steps: vec!["deploy".to_owned()],
        },
        Entry::Ended {
            ending,
            summary: summary.to_owned(),
        },
    ];
    account(entries, slipway_journal::RunState::from(ending).as_str())
}

/// The first of them with its records.
pub(crate) fn recorded() -> (Account, Vec<Record>) {
    let mut entries = canary(true);
    entries.extend(went_back());
    let records = records(entries.clone());
    (account(entries, "rolled-back"), records)
}

/// Up to the midst of the watch.
fn canary(had_one: bool) -> Vec<Entry> {
    let digest = |text: &str| Digest::of(text).to_string();
    let fleet = |version: &str| {
        json!({ "revision": digest(version), "package": digest("package"), "version": version,
                "instances": [format!("shop-prod-{version}-1")] })
    };
    let old = if had_one { fleet("1") } else { Value::Null };
    let plan = json!({ "version": 1, "service": "shop", "environment": "prod", "strategy": "canary", "old": old,
        "new": fleet("2"), "generation": 4, "deploy": [], "cutover": [], "notes": [] });
    let step = |step: &str| {
        told(json!({ "event": "step-started", "step": step, "service": "shop", "environment": "prod" }))
    };
    vec![
        Entry::Started {
            steps: vec!["deploy".to_owned(), "cutover".to_owned()],
        },
        step("deploy"),
        told(json!({ "event": "planned", "plan": plan })),
        action("started", 1, "start shop-prod-2-1 of revision 2"),
        action("finished", 1, "start shop-prod-2-1 of revision 2"),
        action("started", 2, "check revision 2: alive"),
        judged("alive", "pass", "http://127.0.0.1/ answers 200"),
        action("finished", 2, "check revision 2: alive"),
        told(json!({ "event": "step-finished", "step": "deploy", "summary": "revision 2 runs: 2" })),
        step("cutover"),
        action("started", 1, "send 10 % of users to 2"),
        action("finished", 1, "send 10 % of users to 2"),
        action("started", 2, "watch revision 2 for 1m: alive, errors"),
        judged("alive", "pass", "http://127.0.0.1/ answers 200"),
        judged("errors", "pass", "0 of 12"),
    ]
}

fn told(data: Value) -> Entry {
    Entry::Event {
        kind: data["event"].as_str().unwrap_or_default().to_owned(),
        data,
    }
}

fn action(what: &str, position: usize, words: &str) -> Entry {
    let event = format!("action-{what}");
    told(json!({ "event": event, "position": position, "of": 3, "words": words }))
}

fn judged(name: &str, outcome: &str, detail: &str) -> Entry {
    let verdict = json!({ "name": name, "revision": Digest::of("2"), "outcome": outcome, "detail": detail });
    told(json!({ "event": "judged", "verdict": verdict }))
}

/// An entry every ten seconds.
fn records(entries: Vec<Entry>) -> Vec<Record> {
    let began: Timestamp = "2026-01-02T03:04:05.5Z".parse().expect("a time");
    let records = (1..).zip(entries).map(|(seq, entry)| Record {
        seq,
        at: began + SignedDuration::from_secs(10 * (seq as i64 - 1)),
        entry,
    });
    records.collect()
}

fn account(entries: Vec<Entry>, state: &'static str) -> Account {
    let records = records(entries);
    let summary = match records.last().map(|record| &record.entry) {
        Some(Entry::Ended { summary, .. }) => summary.clone(),
        _ => String::new(),
    };
    Account {
        run: RunLine {
            run: "20260102-030405-ab12".parse().expect("an id"),
            service: "shop".parse().expect("a name"),
            environment: "prod".parse().expect("a name"),
            steps: vec!["deploy".to_owned(), "cutover".to_owned()],
            state,
            started: records[0].at,
            ended: records.last().map(|record| record.at),
            by: None,
            summary,
        },
        happened: happenings(&records),
    }
}
