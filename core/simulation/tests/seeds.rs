//! What the simulation finds: nothing in thousands of seeds, and a bug that is planted for it.

use std::process::Command;

use slipway_simulation::{Scenario, simulate};

/// Ends well if what was looked for was found, which is nothing unless it is said otherwise.
fn simulation(arguments: &[&str]) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_slipway-simulation"));
    let output = program
        .args(arguments)
        .output()
        .expect("the program has been built");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[test]
#[cfg_attr(feature = "planted-bug", ignore)]
fn nothing_happens_that_must_not() {
    simulation(&["--seeds", "2000"]);
}

#[test]
#[cfg_attr(not(feature = "planted-bug"), ignore)]
fn a_bug_that_is_planted_is_found() {
    simulation(&["--until-found"]);
}

#[test]
#[cfg_attr(feature = "planted-bug", ignore)]
fn a_seed_tells_the_same_story_again() {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    for seed in 1..=8 {
        let told = || simulate(Scenario::draw(seed), true).unwrap();
        let (one, mut other) = (told(), told());
        // Files are read by threads of their own: on a busy machine one may come a turn later, in the same instant.
        for _ in 0..2 {
            if one.lines != other.lines {
                other = told();
            }
        }
        assert_eq!(one.lines, other.lines, "seed {seed}");
        assert_eq!(one.violations, Vec::<String>::new(), "seed {seed}");
        assert!(one.runs >= 2, "seed {seed}");
    }
}
