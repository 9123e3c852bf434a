//! A seed decides everything: what it has shown once it shows again.

use slipway_simulation::{Scenario, simulate};

#[test]
fn a_seed_tells_the_same_story_again() {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    for seed in 1..=8 {
        let [one, other] = [(); 2].map(|()| simulate(Scenario::draw(seed), true).unwrap());
        assert_eq!(one.lines, other.lines, "seed {seed}");
        assert_eq!(one.violations, Vec::<String>::new(), "seed {seed}");
        assert!(one.runs >= 2, "seed {seed}");
    }
}
