//! Two processes race for one lease, and whoever has it is stopped in the midst of writing (`SIGSTOP`), taken over from,
//! and continued: it must not write a word any more. Both say that they are on machines of their own, so that neither
//! can tell whether the other is alive.
//!
//! A few races are part of every test run; a thousand over each store, with a table of what happened:
//!
//!     SLIPWAY_SWEEP=1 cargo test -p slipway-journal stopped -- --nocapture

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use slipway_journal::{Acquired, Durability, Entry, Error, Line, Owner, Record};
use tokio::sync::mpsc::unbounded_channel;

use super::{
    common::{Ledger, at, lease, new_run, on_both, open, scope},
    crash::start,
};

on_both!(who_was_stopped_writes_nothing_more);

const LEDGER: &str = "SLIPWAY_TEST_LEDGER";
const NAME: &str = "SLIPWAY_TEST_RACER";
const NAMES: [&str; 2] = ["one", "two"];
const PATIENCE: Duration = Duration::from_secs(60);
/// A process that was stopped with a lock on a file has to be let go on for a moment.
const STUCK: Duration = Duration::from_millis(300);

/// What a racer is told.
enum Wish {
    /// Have the lease, by the clock of who reads this.
    Race(i64),
    Release,
}

/// Appends as fast as it can while it has the lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "one of the racers of the test below, which starts it"]
async fn racer() {
    let store = open(&env::var(LEDGER).expect("only started by the test below")).await;
    let name = env::var(NAME).unwrap();
    let owner = Owner {
        host: name.clone(),
        ..Owner::current("r-1".parse().unwrap()).unwrap()
    };
    let (told, mut wishes) = unbounded_channel();
    thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let wish = match line.unwrap().parse() {
                Ok(second) => Wish::Race(second),
                Err(_) => Wish::Release,
            };
            told.send(wish).unwrap();
        }
        std::process::exit(0);
    });
    let mut last = 1;
    while let Some(wish) = wishes.recv().await {
        let Wish::Race(mut second) = wish else { continue };
        let lease = loop {
            if let Acquired::Lease(lease) = store.acquire(&scope(), &owner, at(second)).await.unwrap() {
                break lease;
            }
            if let Ok(Wish::Race(later)) = wishes.try_recv() {
                second = later;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        println!("racer {name} has {}", lease.token);
        last += store.entries(&lease.run, last, u32::MAX).await.unwrap().len() as u64;
        let mut written = 0;
        loop {
            if let Ok(Wish::Release) = wishes.try_recv() {
                store.release(&lease).await.unwrap();
                println!("racer {name} released {written}");
                break;
            }
            let entry = Entry::Event {
                kind: name.clone(),
                data: json!(lease.token),
            };
            let record = Record {
                seq: last + 1,
                at: at(second),
                entry,
            };
            match store
                .append(&lease, vec![Line::of(&record).unwrap()], vec![], Durability::Now)
                .await
            {
                Ok(()) => {
                    (written, last) = (written + 1, last + 1);
                    // SQLite lets nobody in between two commits that follow at once.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(Error::Fenced { .. }) => {
                    println!("racer {name} fenced {written}");
                    break;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// What came of all races over one store.
#[derive(Debug, Default)]
struct Tally {
    races: u64,
    take_overs: u64,
    /// Stopped with a lock on the ledger's file.
    stuck: u64,
    refused: u64,
    written: u64,
    longest: Duration,
}

async fn who_was_stopped_writes_nothing_more(ledger: Ledger) {
    let store = ledger.open().await;
    let first = lease(&*store, "r-1").await;
    store.create_run(&first, new_run("r-1"), at(0)).await.unwrap();
    store.release(&first).await.unwrap();
    ledger.long_enough_up().await;
    let races = if env::var_os("SLIPWAY_SWEEP").is_some() {
        1000
    } else {
        20
    };
    let (tally, ledger) = tokio::task::spawn_blocking(move || (race(&ledger, races), ledger))
        .await
        .unwrap();

    let entries = store.entries(&first.run, 1, u32::MAX).await.unwrap();
    let tokens = entries.iter().map(|record| match &record.entry {
        Entry::Event { data, .. } => data.as_u64().unwrap(),
        other => panic!("{other:?}"),
    });
    let mut newest = 0;
    let mut at_once = 0;
    for token in tokens {
        at_once += u64::from(token < newest);
        newest = newest.max(token);
    }
    tally.print(ledger.kind(), at_once);
    assert_eq!(at_once, 0, "somebody wrote after it was taken over from");
    assert_eq!(
        tally.written,
        entries.len() as u64,
        "what was confirmed is there, and nothing else"
    );
    assert_eq!((tally.take_overs, tally.refused), (races, races));
}

impl Tally {
    #[expect(clippy::print_stdout, reason = "what came of the races")]
    fn print(&self, kind: &str, at_once: u64) {
        println!(
            "{kind:<10} {:>6} races, {at_once} writers at once, {} take-overs ({} of who held a lock), {} refused, \
             {} entries, longest wait {:.0} ms",
            self.races,
            self.take_overs,
            self.stuck,
            self.refused,
            self.written,
            self.longest.as_secs_f64() * 1000.0,
        );
    }
}

fn race(ledger: &Ledger, races: u64) -> Tally {
    let (said, heard) = mpsc::channel();
    let mut ears = Ears {
        heard,
        early: Vec::new(),
    };
    let mut racers = NAMES.map(|name| Racer::start(&ledger.place, name, said.clone()));
    let mut tally = Tally::default();
    for round in 0..races {
        let second = i64::try_from(round).unwrap() * 1000;
        racers
            .iter_mut()
            .for_each(|racer| racer.tell(&second.to_string()));
        let (name, _) = ears.must_hear("has", &NAMES);
        let winner = usize::from(name != NAMES[0]);
        let (winning, losing) = ([NAMES[winner]], [NAMES[1 - winner]]);
        thread::sleep(Duration::from_micros(round * 7919 % 4000));
        racers[winner].signal(Signal::STOP);
        let began = Instant::now();
        ledger.age(31);
        racers[1 - winner].tell(&(second + 31).to_string());
        while ears.hear("has", &losing, STUCK).is_none() {
            assert!(began.elapsed() < PATIENCE, "nobody takes over");
            tally.stuck += 1;
            racers[winner].signal(Signal::CONT);
            thread::sleep(Duration::from_millis(20));
            racers[winner].signal(Signal::STOP);
        }
        tally.longest = tally.longest.max(began.elapsed());
        tally.take_overs += 1;
        thread::sleep(Duration::from_micros(round * 6271 % 4000));
        racers[winner].signal(Signal::CONT);
        let (_, before) = ears.must_hear("fenced", &winning);
        racers[1 - winner].tell("release");
        let (_, after) = ears.must_hear("released", &losing);
        tally.refused += 1;
        tally.written += before + after;
        tally.races += 1;
    }
    tally
}

type Said = (String, String, u64);

struct Racer {
    child: Child,
    input: ChildStdin,
}

impl Racer {
    fn start(place: &str, name: &'static str, said: Sender<Said>) -> Self {
        let mut child = start("stopped::racer", &[(LEDGER, place), (NAME, name)]);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let Some((_, line)) = line.split_once("racer ") else {
                    continue;
                };
                if let [name, what, number] = line.split(' ').collect::<Vec<_>>()[..] {
                    drop(said.send((name.into(), what.into(), number.parse().unwrap())));
                }
            }
        });
        let input = child.stdin.take().unwrap();
        Self { child, input }
    }

    fn tell(&mut self, wish: &str) {
        writeln!(self.input, "{wish}").unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What the racers say, in whatever order they say it.
struct Ears {
    heard: Receiver<Said>,
    /// Said before anybody waited for it.
    early: Vec<Said>,
}

impl Ears {
    fn hear(&mut self, expected: &str, of: &[&str], patience: Duration) -> Option<(String, u64)> {
        let until = Instant::now() + patience;
        let matches = |(name, what, _): &Said| what == expected && of.contains(&name.as_str());
        loop {
            if let Some(place) = self.early.iter().position(matches) {
                let (name, _, number) = self.early.remove(place);
                return Some((name, number));
            }
            match self
                .heard
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(said) => self.early.push(said),
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => panic!("both racers are gone"),
            }
        }
    }

    fn must_hear(&mut self, expected: &str, of: &[&str]) -> (String, u64) {
        let heard = self.hear(expected, of, PATIENCE);
        heard.unwrap_or_else(|| panic!("{of:?} never `{expected}`, but {:?}", self.early))
    }
}
