//! The fold: which entries are legal after which, and that every prefix of a journal is a journal.

use proptest::prelude::*;
use serde_json::{Value, json};
use slipway_journal::{
    Bodies, BodyRef,
    Class::{self, Idempotent, Once, Read},
    Content, Ending, Entry, IllegalEntry, Record, RunState, RunStatus,
};
use slipway_model::Digest;

use super::common::at;

fn start() -> Entry {
    Entry::Started { steps: vec![] }
}

fn intent(key: &str, class: Class) -> Entry {
    intent_in(key, class, None)
}

fn intent_in(key: &str, class: Class, parent: Option<&str>) -> Entry {
    Entry::Intent {
        activity: key.into(),
        class,
        request: json!({}),
        bodies: Bodies::new(),
        parent: parent.map(str::to_owned),
    }
}

fn done(key: &str) -> Entry {
    Entry::Outcome {
        activity: key.into(),
        result: Ok(Value::Null),
        bodies: Bodies::new(),
    }
}

fn large(key: &str) -> Entry {
    let body = BodyRef {
        digest: Digest::of(key),
        size: 5000,
    };
    Entry::Outcome {
        activity: key.into(),
        result: Ok(json!({ "body": null })),
        bodies: [("/body".to_owned(), body)].into(),
    }
}

fn failed(key: &str) -> Entry {
    Entry::Outcome {
        activity: key.into(),
        result: Err(Value::Null),
        bodies: Bodies::new(),
    }
}

fn decided(key: &str, happened: bool) -> Entry {
    Entry::Decided {
        activity: key.into(),
        happened,
        by: "somebody".into(),
    }
}

fn end() -> Entry {
    Entry::Ended {
        ending: Ending::Failed,
        summary: "it broke".into(),
    }
}

fn records(entries: impl IntoIterator<Item = Entry>) -> Vec<Record> {
    (1..)
        .zip(entries)
        .map(|(seq, entry)| Record {
            seq,
            at: at(0),
            entry,
        })
        .collect()
}

/// All but the last entry are legal; the last one is illegal for this reason, and changes nothing.
fn check(entries: impl IntoIterator<Item = Entry>, expected: &str) {
    let mut records = records(entries);
    let last = records.pop().unwrap();
    let mut status = RunStatus::fold(&records).unwrap();
    let before = status.clone();
    assert_eq!(status.apply(&last).unwrap_err().to_string(), expected);
    assert_eq!(status, before);
}

#[test]
fn illegal_entries() {
    check([end()], "entry 1 comes before the run has started");
    check([start(), start()], "entry 2 starts a run that has started");
    check(
        [start(), end(), intent("a", Read)],
        "entry 3 comes after the end of the run",
    );
    check([start(), done("a")], "outcome of `a`, which was not intended");
    check(
        [start(), intent("a", Once), done("a"), done("a")],
        "second outcome of `a`",
    );
    check(
        [start(), intent("a", Read), failed("a"), done("a")],
        "second outcome of `a`",
    );
    check(
        [start(), intent("a", Read), intent("a", Read)],
        "`a` is intended again while its first outcome is open",
    );
    check(
        [start(), intent("a", Read), done("a"), intent("a", Read)],
        "`a` is intended again although it was done",
    );
    for again in [Once, Idempotent] {
        check(
            [start(), intent("a", Once), failed("a"), intent("a", again)],
            "`a` is intended again although it may happen only once",
        );
    }
    check(
        [start(), intent("a", Read), failed("a"), intent("a", Idempotent)],
        "`a` is intended again as something else: its class or its parent differs",
    );
    check(
        [start(), intent_in("b", Read, Some("a"))],
        "`b` belongs to `a`, which is not under way",
    );
    check(
        [
            start(),
            intent("a", Read),
            done("a"),
            intent_in("b", Read, Some("a")),
        ],
        "`b` belongs to `a`, which is not under way",
    );
}

#[test]
fn a_gap_is_illegal() {
    let mut gap = records([start(), end()]);
    gap[1].seq = 3;
    assert_eq!(
        RunStatus::fold(&gap),
        Err(IllegalEntry::Gap {
            expected: 2,
            found: 3
        })
    );
}

#[test]
fn what_failed_and_may_be_repeated_is_tried_again() {
    let entries = [
        start(),
        intent("a", Idempotent),
        failed("a"),
        intent("a", Idempotent),
        done("a"),
    ];
    let status = RunStatus::fold(&records(entries)).unwrap();
    let activity = status.activity("a").unwrap();
    assert_eq!(
        (activity.attempts, activity.intent, &activity.outcome),
        (2, 4, &Some(Ok(Content::default())))
    );
}

#[test]
fn what_a_person_decides_comes_first() {
    let call = || [start(), intent("c", Read), intent_in("o", Once, Some("c"))];
    let check = |more: &[Entry], undecided: &[&str], last: Result<u64, IllegalEntry>| {
        let entries = call().into_iter().chain(more.iter().cloned());
        let folded = RunStatus::fold(&records(entries));
        assert_eq!(folded.as_ref().map(RunStatus::last).map_err(Clone::clone), last);
        if let Ok(status) = folded {
            let found: Vec<_> = status.undecided().map(|activity| activity.key.as_str()).collect();
            assert_eq!(found, undecided, "{more:?}");
        }
    };
    let again = || intent_in("o", Once, Some("c"));
    check(&[], &["o"], Ok(3));
    check(&[failed("c")], &[], Ok(4));
    check(&[decided("o", true)], &[], Ok(4));
    check(&[decided("o", true), done("o")], &[], Ok(5));
    check(&[decided("o", false)], &[], Ok(4));
    check(&[decided("o", false), again()], &["o"], Ok(5));
    check(&[decided("o", false), again(), done("o")], &[], Ok(6));
    check(&[decided("o", false), again(), decided("o", true)], &[], Ok(6));
    let nothing = |key: &str| Err(IllegalEntry::NothingToDecide(key.into()));
    check(&[decided("c", true)], &[], nothing("c"));
    check(&[decided("x", true)], &[], nothing("x"));
    check(&[done("o"), decided("o", true)], &[], nothing("o"));
    check(&[decided("o", true), decided("o", false)], &[], nothing("o"));
    check(
        &[decided("o", false), done("o")],
        &[],
        Err(IllegalEntry::DidNotHappen("o".into())),
    );
    check(
        &[decided("o", true), again()],
        &[],
        Err(IllegalEntry::IntentWhileOpen("o".into())),
    );
    check(
        &[decided("o", false), intent("o", Once)],
        &[],
        Err(IllegalEntry::Changed { activity: "o".into() }),
    );
}

#[test]
fn calls_know_their_effects_in_order() {
    let effects = ["c/2", "c/1", "c/3"].map(|key| intent_in(key, Read, Some("c")));
    let entries = [start(), intent("c", Idempotent)]
        .into_iter()
        .chain(effects)
        .chain([done("c/1")]);
    let status = RunStatus::fold(&records(entries)).unwrap();
    assert_eq!(
        status
            .children("c")
            .map(|child| child.key.as_str())
            .collect::<Vec<_>>(),
        ["c/2", "c/1", "c/3"]
    );
    assert_eq!(
        status.open().map(|open| open.key.as_str()).collect::<Vec<_>>(),
        ["c", "c/2", "c/3"]
    );
}

#[test]
fn waiting_and_ending() {
    let wait = Entry::Waiting {
        reason: "approval".into(),
    };
    let mut status = RunStatus::fold(&records([start(), wait])).unwrap();
    assert_eq!(
        (status.state(), status.reason()),
        (Some(RunState::Waiting), "approval")
    );
    status
        .apply(&Record {
            seq: 3,
            at: at(0),
            entry: end(),
        })
        .unwrap();
    assert_eq!(
        (status.state(), status.reason()),
        (Some(RunState::Failed), "it broke")
    );
}

/// Arbitrary entries over few keys, so that legal ones come up often.
fn any_entry() -> impl Strategy<Value = Entry> {
    let key = prop::sample::select(vec!["a", "b", "c", "d"]);
    let class = prop::sample::select(vec![Read, Idempotent, Once]);
    let parent = prop::option::weighted(0.3, prop::sample::select(vec!["a", "b"]));
    prop_oneof![
        6 => (key.clone(), class, parent).prop_map(|(key, class, parent)| intent_in(key, class, parent)),
        4 => key.clone().prop_map(done),
        4 => key.clone().prop_map(failed),
        2 => (key.clone(), any::<bool>()).prop_map(|(key, happened)| decided(key, happened)),
        2 => key.prop_map(large),
        2 => Just(Entry::Event { kind: "note".into(), data: json!({"é": [1, null]}) }),
        1 => Just(Entry::Waiting { reason: "w".into() }),
        1 => Just(Entry::Continued { reason: "c".into() }),
        1 => Just(Entry::Reopened { by: "p".into() }),
    ]
}

proptest! {
    #[test]
    fn every_prefix_folds_and_lines_say_everything(entries in prop::collection::vec(any_entry(), 0..80)) {
        // What is legal when it comes makes a journal; the rest is refused.
        let mut status = RunStatus::default();
        let mut journal = Vec::new();
        for entry in [start()].into_iter().chain(entries) {
            let record = Record { seq: status.next(), at: at(0), entry };
            if status.apply(&record).is_ok() {
                journal.push(record);
            }
        }
        let lines: Vec<_> = journal.iter().map(|record| record.to_line().unwrap()).collect();
        let read: Vec<_> = lines.iter().map(|line| Record::from_line(line).unwrap()).collect();
        prop_assert_eq!(&read, &journal);
        prop_assert_eq!(RunStatus::fold(&read).unwrap(), status);
        for length in 0..journal.len() {
            let prefix = RunStatus::fold(&journal[..length]).unwrap();
            prop_assert_eq!(prefix.last(), length as u64);
        }
    }
}
