//! A process that appends as fast as it can is killed at random moments: what it was told is durable is there, in
//! order, without a gap, and legal.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use serde_json::json;
use slipway_journal::{Acquired, Class, Entry, Journal, Owner, RunStatus};

use super::common::{Ledger, at, new_run, on_both, open, scope};

on_both!(what_was_acknowledged_survives);

const LEDGER: &str = "SLIPWAY_TEST_LEDGER";
const ROUNDS: u64 = 25;

pub(crate) fn start(test: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Appends until it is killed: an effect of each class after the other, eight in flight; says what is durable.
#[tokio::test]
#[ignore = "the victim of the test below, which starts it"]
async fn victim() {
    let place = env::var(LEDGER).expect("only started by the test below");
    let store = open(&place).await;
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let Acquired::Lease(lease) = store.acquire(&scope(), &owner, at(0)).await.unwrap() else {
        panic!("the killed one still holds the lease")
    };
    let known = store.run("r-1").await.is_ok();
    let journal = Arc::new(match known {
        true => Journal::reopen(store, lease, "victim", at(1)).await.unwrap(),
        false => Journal::create(store, lease, new_run("r-1"), at(1))
            .await
            .unwrap(),
    });
    let first = journal.with_status(RunStatus::last);
    let tasks: Vec<_> = (0..8)
        .map(|lane| {
            let journal = journal.clone();
            tokio::spawn(async move {
                for round in 0.. {
                    for class in [Class::Once, Class::Read, Class::Idempotent] {
                        let key = format!("{first}/{lane}/{round}/{class:?}");
                        let seq = journal.intent(at(2), &key, class, json!({}), None).await.unwrap();
                        if class != Class::Read {
                            println!("durable {seq} intent {key}");
                        }
                        let seq = journal.outcome(at(3), &key, Ok(json!(1))).await.unwrap();
                        if class == Class::Once {
                            println!("durable {seq} outcome {key}");
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn what_was_acknowledged_survives(ledger: Ledger) {
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 0..ROUNDS {
        let mut child = start("crash::victim", &[(LEDGER, &ledger.place)]);
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let parse = |line: String| {
            let (seq, what) = line.split_once("durable ")?.1.split_once(' ')?;
            Some((seq.parse().unwrap(), what.to_owned()))
        };
        acknowledged.push(lines.by_ref().find_map(parse).unwrap());
        // Its pipe may fill up meanwhile: then it is killed waiting, which is a moment like any other.
        thread::sleep(Duration::from_micros(round * 1237 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.filter_map(parse));

        let store = ledger.open().await;
        let run = store.run("r-1").await.unwrap();
        assert!(run.is_interrupted(at(4)));
        let entries = store.entries(&run.id, 0, u32::MAX).await.unwrap();
        RunStatus::fold(&entries).unwrap();
        for (seq, what) in &acknowledged {
            let found = match &entries[usize::try_from(*seq).unwrap() - 1].entry {
                Entry::Intent { activity, .. } => format!("intent {activity}"),
                Entry::Outcome { activity, .. } => format!("outcome {activity}"),
                other => format!("{other:?}"),
            };
            assert_eq!(*what, found);
        }
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}
