//! Every case of the corpus: a folder of files, and what kustomize makes of it in `expected.yaml`, or why it is refused
//! in `expected.txt`. `SLIPWAY_BLESS=1` writes the refusals anew; the YAML is never written here, it is kustomize's:
//!
//!     KUSTOMIZE=/path/to/kustomize cargo test -p slipway-format-kubernetes --test corpus
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod live;

use std::fs;

use cases::{Case, all};
use slipway_format_kubernetes::{build, print};

#[test]
fn what_kustomize_makes() {
    let cases = all();
    assert!(cases.len() >= 60, "the corpus is gone: {} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(case: &Case) -> Option<String> {
    let made = build(&case.files, &case.root).and_then(|manifests| print(&manifests));
    let refused = case.folder.join("expected.txt");
    let expected = case.folder.join("expected.yaml");
    match made {
        Ok(text) if expected.is_file() => {
            let wanted = fs::read_to_string(expected).unwrap();
            (wanted != text).then(|| format!("{}: not what kustomize makes:\n{text}", case.name))
        }
        Ok(_) => Some(format!("{}: kustomize refuses it", case.name)),
        Err(problems) if refused.is_file() => {
            let why = format!("{problems}\n");
            if std::env::var_os("SLIPWAY_BLESS").is_some() {
                fs::write(&refused, &why).unwrap();
            }
            let wanted = fs::read_to_string(refused).unwrap();
            (wanted != why).then(|| format!("{}: refused for another reason:\n{why}", case.name))
        }
        Err(problems) => Some(format!("{}: refused:\n{problems}", case.name)),
    }
}
