//! Two processes race for one lease: there are never two holders, and tokens only grow.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
};

use slipway_journal::{Acquired, EnvironmentState, Error, Lease, Owner};

use super::{
    common::{Ledger, at, on_both, open, scope},
    crash::start,
};

on_both!(there_is_one_holder_at_most);

const LEDGER: &str = "SLIPWAY_TEST_LEDGER";
const FOLDER: &str = "SLIPWAY_TEST_RACE";
const RUN: &str = "SLIPWAY_TEST_RACER";
const ROUNDS: usize = 200;

/// Takes the lease as often as it must. Every other time it leaves without releasing, as the dead do; the next one
/// finds that out. The file is there only while somebody thinks that it is the holder.
#[tokio::test]
#[ignore = "one of the racers of the test below, which starts it"]
async fn racer() {
    let folder = env::var(FOLDER).expect("only started by the test below");
    let run = env::var(RUN).unwrap();
    let store = open(&env::var(LEDGER).unwrap()).await;
    let owner = Owner::current(run.parse().unwrap()).unwrap();
    // As a process of an earlier boot: whoever sees it knows that it is dead.
    let dying = Owner {
        boot: "an earlier boot".into(),
        ..owner.clone()
    };
    let held = format!("{folder}/held");
    let mut stale: Option<Lease> = None;
    let mut won = 0;
    while won < ROUNDS {
        let Acquired::Lease(lease) = store.acquire(&scope(), &owner, at(0)).await.unwrap() else {
            tokio::task::yield_now().await;
            continue;
        };
        fs::File::create_new(&held).expect("nobody else is the holder");
        if let Some(stale) = &stale {
            let refused = store.heartbeat(stale, at(0)).await;
            assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
        }
        let (generation, state) = store.environment(&scope()).await.unwrap();
        store.set_environment(&lease, generation, state).await.unwrap();
        fs::remove_file(&held).unwrap();
        store.release(&lease).await.unwrap();
        println!("token {}", lease.token);
        won += 1;
        if won % 2 == 0
            && let Acquired::Lease(left) = store.acquire(&scope(), &dying, at(0)).await.unwrap()
        {
            println!("token {}", left.token);
            stale = Some(left);
        } else {
            stale = Some(lease);
        }
    }
}

async fn there_is_one_holder_at_most(ledger: Ledger) {
    let (place, folder) = (ledger.place.as_str(), ledger.folder());
    let start = |run| start("race::racer", &[(LEDGER, place), (FOLDER, folder), (RUN, run)]);
    let racers = ["r-1", "r-2"].map(start);
    let mut tokens = Vec::new();
    for mut racer in racers {
        let before = tokens.len();
        let lines = BufReader::new(racer.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        tokens.extend(lines.filter_map(|line| line.split_once("token ")?.1.parse::<u64>().ok()));
        assert!(
            tokens[before..].is_sorted_by(|one, other| one < other),
            "tokens grow"
        );
        assert!(racer.wait().unwrap().success());
    }
    let given = tokens.len();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), given, "no token is given twice");
    assert!(given >= 2 * ROUNDS);
    let store = ledger.open().await;
    let (generation, state) = store.environment(&scope()).await.unwrap();
    assert_eq!(
        (generation, state),
        (2 * ROUNDS as u64, EnvironmentState::default()),
        "no write was lost"
    );
}
