//! Nothing that can be written makes the parser panic.

use std::path::Path;

use proptest::prelude::*;
use slipway_manifest::{has_errors, parse, render};

const SEED: &str = include_str!("../../../manifests/valid/shop.toml");

fn never_panics(text: &str) {
    let checked = parse(Path::new("deploy.toml"), text);
    assert_eq!(checked.manifest.is_none(), has_errors(&checked.diagnostics));
    render(&checked.diagnostics, |_| Some(text), false);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        never_panics(&text);
    }

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        never_panics(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_piece_replaced(start in 0..SEED.len(), length in 0_usize..40, piece in "[\\[\\]{}=\",.#\\na-z0-9 é-]{0,12}") {
        let end = (start + length).min(SEED.len());
        never_panics(&format!("{}{piece}{}", &SEED[..start], &SEED[end..]));
    }
}

#[test]
fn deep_nesting() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        never_panics(&format!("x = {}1{}", open.repeat(50_000), close.repeat(50_000)));
    }
    never_panics(&format!("[{}a]\n", "a.".repeat(100_000)));
    never_panics(&"[a.b".repeat(10_000));
}

#[test]
fn long_chains_and_many_mistakes() {
    let overlays = (1..5000)
        .map(|n| format!("o{n} = {{ after = \"o{}\" }}\n", n - 1))
        .collect::<String>();
    never_panics(&format!(
        "[service]\nname = \"a\"\n[overlays]\no0 = {{}}\n{overlays}"
    ));
    let keys = (0..500).map(|n| format!("k{n} = {n}\n")).collect::<String>();
    let text = format!("[service]\nname = \"a\"\n{keys}");
    let checked = parse(Path::new("deploy.toml"), &text);
    assert!(render(&checked.diagnostics, |_| Some(&text), false).ends_with("and 400 more\n"));
}
