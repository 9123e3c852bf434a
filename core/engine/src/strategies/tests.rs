//! Every strategy in every situation, in the words that a person reads.

use std::{fmt::Write as _, path::Path};

use slipway_manifest::Strategy;
use slipway_model::{Action, Digest, Fleet, InstanceName, Plan};

use super::{Abilities, Progress, Situation, compile, roll_back};

fn strategy(text: &str) -> Strategy {
    let manifest = format!(
        "[service]\nname = \"shop\"\nversion = \"1\"\n[artifacts.web]\nformat = \"tarball\"\nfrom = \"a.tgz\"\n\
         [environments.prod]\ntarget = {{ plugin = \"machine\" }}\nstrategy = \"s\"\n\
         [check.up]\ntcp = {{ port = \"http\" }}\n[strategy.s]\nchecks = [\"up\"]\n{text}"
    );
    let checked = slipway_manifest::parse(Path::new("deploy.toml"), &manifest);
    let manifest = checked
        .manifest
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    manifest.environments[0].strategy.clone()
}

fn fleet(name: &str, count: usize) -> Fleet {
    let revision = Digest::of(name);
    let instances = (1..=count)
        .map(|n| format!("{name}-{n}").parse().unwrap())
        .collect();
    Fleet {
        revision,
        package: revision,
        version: name.to_owned(),
        instances,
    }
}

fn situation(old: usize, new: usize, router: bool) -> Situation {
    let (old, new) = ((old > 0).then(|| fleet("old", old)), fleet("new", new));
    let all: Vec<InstanceName> = old
        .iter()
        .chain([&new])
        .flat_map(|fleet| fleet.instances.clone())
        .collect();
    let routed = if router { all } else { Vec::new() };
    let abilities = Abilities {
        side_by_side: true,
        in_place: false,
        hold: false,
        guard: false,
        execute: false,
        router,
        weights: router,
        preview: router,
        baseline: router,
    };
    Situation {
        old,
        new,
        abilities,
        exclusive: None,
        routed,
        same: false,
    }
}

fn words(actions: &[Action]) -> String {
    let names = |text: String| {
        text.replace(&Digest::of("old").short(), "OLD")
            .replace(&Digest::of("new").short(), "NEW")
    };
    actions.iter().fold(String::new(), |mut text, action| {
        let on = match action {
            Action::Start { instances, .. }
            | Action::Replace { instances, .. }
            | Action::Stop { instances, .. }
            | Action::Drain { instances } => {
                format!("  {instances:?}")
            }
            _ => String::new(),
        };
        writeln!(text, "  {}{on}", names(action.to_string())).unwrap();
        text
    })
}

fn check(situation: &Situation, text: &str) -> String {
    match compile(situation, &strategy(text)) {
        Err(refusal) => format!("{refusal}\n  {}\n", refusal.instead),
        Ok(stages) => {
            let notes: String = stages
                .notes
                .iter()
                .map(|note| format!("note: {note}\n"))
                .collect();
            format!(
                "deploy\n{}cutover\n{}{notes}",
                words(&stages.deploy),
                words(&stages.cutover)
            )
        }
    }
}

const RECREATE: &str = "type = \"recreate\"\nsoak = \"5s\"";
const ROLLING: &str = "type = \"rolling\"\nbatch = [1, \"50%\"]\nmax-surge = 1\nsoak = \"5s\"";
const TIGHT: &str = "type = \"rolling\"\nbatch = 2\nmax-surge = 0\nmax-unavailable = 2\nsoak = \"5s\"";
const BLUE_GREEN: &str = "type = \"blue-green\"\nsoak = \"5s\"";
const CANARY: &str = "type = \"canary\"\nsteps = [{ weight = 10, soak = \"2s\" }, { weight = 60, soak = \"2s\", approve = true }]\nsoak = \"5s\"";

/// With an analysis that compares with a baseline.
const APART: &str = "type = \"canary\"\nsteps = [{ weight = 10, soak = \"2s\" }, { weight = 60, soak = \"2s\" }]\n\
                     analysis = [\"errors\"]\n[analysis.errors]\nlogs = { match = \"E\", no-worse-than = \"baseline\" }";

#[test]
fn as_many_of_the_old_revision_are_held_apart_as_there_are_of_the_new_one() {
    let mut all = String::new();
    let mut cannot = situation(3, 4, true);
    cannot.abilities.baseline = false;
    for (what, situation) in [
        ("enough", situation(3, 4, true)),
        ("one", situation(1, 4, true)),
        ("the router cannot", cannot),
    ] {
        write!(all, "# {what}\n{}\n", check(&situation, APART)).unwrap();
    }
    insta::assert_snapshot!(all);
    let stages = compile(&situation(3, 4, true), &strategy(APART)).unwrap();
    let held = stages.cutover.iter().filter_map(|action| match action {
        Action::Soak { baseline, .. } => Some(baseline.len()),
        _ => None,
    });
    // In the second step all of the old one is compared with, and in the last soak nothing.
    assert_eq!(Vec::from_iter(held), [1, 0, 0]);
}

#[test]
fn plans_in_words() {
    let mut all = String::new();
    for (name, text) in [
        ("recreate", RECREATE),
        ("rolling", ROLLING),
        ("tight", TIGHT),
        ("blue-green", BLUE_GREEN),
        ("canary", CANARY),
    ] {
        for (what, situation) in [
            ("nothing runs", situation(0, 2, true)),
            ("side by side", situation(3, 4, true)),
            ("no router", situation(2, 2, false)),
            ("in place", in_place(3, 3, true)),
            ("in place, no router", in_place(1, 1, false)),
            (
                "exclusive",
                Situation {
                    exclusive: Some("port 80 is fixed".into()),
                    ..situation(1, 1, true)
                },
            ),
        ] {
            write!(all, "# {name}, {what}\n{}\n", check(&situation, text)).unwrap();
        }
    }
    insta::assert_snapshot!(all);
}

/// An instance that people have left out of the old revision left its place to nobody.
#[test]
fn a_way_back_in_place_ends_what_has_no_counterpart() {
    let mut situation = in_place(3, 3, true);
    let new = situation.new.instances.clone();
    situation.old.as_mut().unwrap().instances.remove(0);
    let old = situation.old.clone().unwrap().instances;
    let progress = Progress {
        started: new.iter().cloned().collect(),
        stopped: old.iter().cloned().collect(),
        ..Progress::default()
    };
    let ways = roll_back(&situation, &progress);
    let Action::Replace {
        instances, replaced, ..
    } = &ways[0]
    else {
        panic!("{ways:?}")
    };
    assert_eq!((instances, &replaced[..]), (&old, &new[1..]));
    let Action::Stop { instances, .. } = &ways[1] else {
        panic!("{ways:?}")
    };
    assert_eq!(instances[..], new[..1]);
}

/// Wherever a plan stops, the way back ends with exactly the old instances, and users are never without any.
#[test]
fn every_way_back_restores_the_old_fleet() {
    for text in [RECREATE, ROLLING, TIGHT, BLUE_GREEN, CANARY] {
        let pairs = [(0, 2), (1, 1), (3, 4), (4, 2)];
        let beside = pairs.map(|(old, new)| (old, situation(old, new, true)));
        let replaced = pairs.map(|(old, new)| (old, in_place(old, new, true)));
        for (old, situation) in beside.into_iter().chain(replaced) {
            let Ok(stages) = compile(&situation, &strategy(text)) else {
                assert!(situation.abilities.in_place && (text == BLUE_GREEN || text == CANARY));
                continue;
            };
            let actions: Vec<Action> = stages.deploy.iter().chain(&stages.cutover).cloned().collect();
            let confirm = actions
                .iter()
                .position(|action| matches!(action, Action::Confirm { .. }))
                .unwrap();
            let plan = Plan {
                version: 1,
                service: "shop".parse().unwrap(),
                environment: "prod".parse().unwrap(),
                strategy: "s".into(),
                old: situation.old.clone(),
                new: situation.new.clone(),
                generation: 0,
                seen: Default::default(),
                deploy: stages.deploy,
                cutover: stages.cutover,
                notes: Vec::new(),
            };
            for failing in 0..confirm {
                let mut world = World::new(&situation, old == 0 || text == RECREATE);
                let mut progress = Progress::default();
                for action in &actions[..failing] {
                    progress.begin(&plan, action);
                    world.apply(action);
                }
                // The failing action may have happened or not.
                progress.begin(&plan, &actions[failing]);
                for happened in [false, true] {
                    let mut world = world.clone();
                    if happened {
                        world.apply(&actions[failing]);
                    }
                    for action in roll_back(&situation, &progress) {
                        world.apply(&action);
                    }
                    let mut expected = situation
                        .old
                        .as_ref()
                        .map_or(Vec::new(), |old| old.instances.clone());
                    expected.sort();
                    assert_eq!(
                        world.running, expected,
                        "{text}\nfailing at {failing}: {}",
                        actions[failing]
                    );
                    if old > 0 {
                        assert!(world.routed.iter().all(|name| expected.contains(name)), "{text}");
                        assert!(
                            !world.routed.is_empty(),
                            "{text}\nfailing at {failing}: {}",
                            actions[failing]
                        );
                    }
                }
            }
        }
    }
}

/// What runs and where users go, as actions change it. Users are never sent to what does not run.
#[derive(Clone)]
struct World {
    running: Vec<InstanceName>,
    routed: Vec<InstanceName>,
    outage_allowed: bool,
}

impl World {
    fn new(situation: &Situation, outage_allowed: bool) -> Self {
        let running = situation
            .old
            .as_ref()
            .map_or(Vec::new(), |old| old.instances.clone());
        Self {
            routed: running.clone(),
            running,
            outage_allowed,
        }
    }

    fn apply(&mut self, action: &Action) {
        let had_users = !self.routed.is_empty();
        match action {
            Action::Start { instances, .. } => self.running.extend(instances.iter().cloned()),
            Action::Stop { instances, .. } => self.running.retain(|name| !instances.contains(name)),
            Action::Replace {
                instances, replaced, ..
            } => {
                self.running.retain(|name| !replaced.contains(name));
                self.running.extend(instances.iter().cloned());
                // Who comes in where they were comes to those that are there now.
                if self.routed.iter().any(|name| replaced.contains(name)) {
                    self.routed.retain(|name| !replaced.contains(name));
                    self.routed.extend(instances.iter().cloned());
                }
            }
            Action::Route { shares, .. } => {
                let weighed = shares.iter().filter(|share| share.weight > 0);
                self.routed = weighed.flat_map(|share| share.instances.clone()).collect();
            }
            _ => {}
        }
        self.running.sort();
        self.running.dedup();
        if !self.outage_allowed && had_users {
            assert!(!self.routed.is_empty(), "users are sent nowhere by: {action}");
            assert!(
                self.routed.iter().any(|name| self.running.contains(name)),
                "nothing is left by: {action}"
            );
        }
    }
}

/// A target that has one revision at a time and puts the new one in the place of the old one.
fn in_place(old: usize, new: usize, router: bool) -> Situation {
    let situation = situation(old, new, router);
    let abilities = Abilities {
        side_by_side: false,
        in_place: true,
        ..situation.abilities
    };
    Situation {
        abilities,
        ..situation
    }
}
