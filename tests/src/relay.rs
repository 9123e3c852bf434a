//! One run after the other, each gone on with by one process after the other: each process is killed where none has been
//! killed before. So every boundary is met in far fewer runs than there are boundaries. Whoever is killed before a write
//! loses what was in no hurry to be durable, so that the next process comes to the same write again, and is killed after it.

use std::{collections::BTreeSet, fmt, fs, path::PathBuf};

use slipway_testing::{Names, another_run, met};

use crate::{Bench, Ran, Swept, interrupted, kills::one_in};

/// What is swept, and how far.
pub struct Relay {
    folder: PathBuf,
    /// Those whose runs belong together; the first is the one that commands are given for.
    services: &'static [&'static str],
    /// Both sides of every write of a run that nobody killed.
    boundaries: BTreeSet<String>,
    few: usize,
    enough: usize,
    /// How many writes a process lives for at least, so that a run gets ahead between two kills. It is less and less where
    /// all boundaries are wanted and a run has met few of those that are left.
    stride: usize,
    runs: usize,
}

/// How one run went.
pub struct Relayed {
    /// By the command that brought it to its end.
    pub ended: Ran,
    /// Where its processes were killed, in this order.
    pub kills: Vec<String>,
}

/// With all boundaries wanted. A process costs a second, and a run that nobody kills ten: so both take about as long.
const STRIDE: usize = 16;

impl Relay {
    /// A command that nobody kills is carried out to learn what there is to meet. Without `SLIPWAY_SWEEP` as many
    /// boundaries as `few` are enough.
    pub fn over(
        bench: &Bench,
        services: &'static [&'static str],
        arguments: &[&str],
        few: usize,
    ) -> (Self, Ran) {
        let folder = bench.path("relay");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let list = folder.join("writes");
        let ran = bench.faulty(services[0], arguments, &format!("list:{}", list.display()));
        let written = fs::read_to_string(&list).expect("the list can be read");
        let mut names = Names::default();
        let writes: Vec<String> = written
            .lines()
            .map(|line| names.of(line.split_once(' ').expect("a number is first").1))
            .collect();
        let sides = |write: &String| ["before", "after"].map(|side| format!("{side} {write}"));
        let boundaries: BTreeSet<String> = writes.iter().flat_map(sides).collect();
        let all = boundaries.len();
        let enough = one_in().map_or(few, |one| all.div_ceil(one)).clamp(1, all);
        let relay = Self {
            folder,
            services,
            few,
            enough,
            // A process dies before a write and the next one after it: so two runs are enough for a few boundaries.
            stride: (writes.len() * 4 / enough).max(STRIDE),
            boundaries,
            runs: 0,
        };
        (relay, ran)
    }

    /// Whether enough boundaries have been met. All of them have when a run comes to its end without a kill.
    pub fn is_over(&self, last: &Relayed) -> bool {
        last.kills.is_empty() || (!self.wants_all() && self.kills() >= self.enough)
    }

    fn wants_all(&self) -> bool {
        self.enough == self.boundaries.len()
    }

    /// One run, killed as often as it comes to a boundary that is not met yet.
    pub fn run(&mut self, bench: &Bench, arguments: &[&str]) -> Relayed {
        let relayed = self.relay(bench, arguments);
        if self.wants_all() && relayed.kills.len() < STRIDE {
            self.stride = (self.stride / 2).max(1);
        }
        relayed
    }

    fn relay(&mut self, bench: &Bench, arguments: &[&str]) -> Relayed {
        self.runs += 1;
        another_run(&self.folder);
        let before = met(&self.folder).len();
        // Of a few boundaries, those of one run stand between those of the run before it.
        let first = match self.wants_all() {
            true => 1,
            false => 1 + (self.runs - 1) * self.stride / 2 % self.stride,
        };
        let (mut command, mut least) = (arguments, first);
        let mut count = before;
        loop {
            let ended = self.process(bench, command, least);
            let kills = met(&self.folder).split_off(before);
            // Each of several is released by a run of its own, and what comes after it is not gone on with.
            let more = ended.code == Some(0) && command == ["resume"] && self.services.len() > 1;
            if ended.code.is_some() && !more {
                return Relayed { ended, kills };
            }
            assert!(more || self.kills() > count, "killed, and not by this test");
            count = self.kills();
            let last = kills.last().map(String::as_str).unwrap_or_default();
            let (begins, ends) = (last.ends_with(" run"), last.contains(" ended "));
            let mut services = self.services.iter();
            // Elsewhere there is something to go on with.
            let open =
                more || !(begins || ends) || services.any(|service| interrupted(bench, service).is_some());
            if ends && !open {
                // The next command finds nothing to do, or the same failure.
                let ended = bench.slipway(self.services[0], arguments);
                return Relayed { ended, kills };
            }
            (command, least) = match open {
                true if !more => (["resume"].as_slice(), self.stride),
                true => (arguments, self.stride),
                // There is no run yet.
                false => (arguments, first),
            };
        }
    }

    /// Killed after so many writes at least; not at all where enough boundaries have been met.
    fn process(&self, bench: &Bench, command: &[&str], least: usize) -> Ran {
        if !self.wants_all() && self.kills() >= self.enough {
            return bench.slipway(self.services[0], command);
        }
        let fault = format!("unmet:{least}:{}", self.folder.display());
        bench.faulty(self.services[0], command, &fault)
    }

    /// Of a run that nobody killed: where processes were killed, and where none was.
    fn coverage(&self) -> (usize, Vec<&String>) {
        let met: BTreeSet<String> = met(&self.folder).into_iter().collect();
        let missing: Vec<_> = self.boundaries.iter().filter(|one| !met.contains(*one)).collect();
        (self.boundaries.len() - missing.len(), missing)
    }

    /// Fails if too few boundaries were met: half of the few that are enough, or so many percent where all are wanted. What
    /// a run waits for and how often it asks differs a little from run to run.
    #[track_caller]
    #[expect(
        clippy::print_stdout,
        reason = "where none was killed is what a sweep is asked for"
    )]
    pub fn must_have_met(&self, percent: usize) {
        let (met, missing) = self.coverage();
        let wanted = match self.wants_all() {
            true => self.boundaries() * percent / 100,
            false => self.few / 2,
        };
        assert!(
            met >= wanted,
            "{self}: {wanted} wanted; never killed at {missing:#?}"
        );
        if self.wants_all() {
            println!("never killed at {missing:#?}");
        }
    }

    /// To be told once each of its runs was looked at.
    pub fn swept<'a>(&self, what: &'a str, place: &'a str, ledger: &'a str) -> Swept<'a> {
        let kills = self.kills();
        Swept {
            what,
            place,
            ledger,
            boundaries: self.boundaries(),
            met: self.coverage().0,
            kills,
            resumed: kills,
            repeated: 0,
        }
    }

    pub fn kills(&self) -> usize {
        met(&self.folder).len()
    }

    fn boundaries(&self) -> usize {
        self.boundaries.len()
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (met, _) = self.coverage();
        write!(
            f,
            "{} runs, killed {} times, at {met} of the {} boundaries of an undisturbed run",
            self.runs,
            self.kills(),
            self.boundaries.len(),
        )
    }
}
