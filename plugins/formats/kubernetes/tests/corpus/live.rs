//! The corpus against kustomize itself, which `KUSTOMIZE` names: version 5.8.1, as `cargo xtask peers` builds it and
//! `cargo xtask test` has it.

use std::{fs, io::Write as _, process::Command};

use crate::cases::{Case, all};

#[test]
fn what_kustomize_makes_now() {
    let Some(kustomize) = std::env::var_os("KUSTOMIZE") else {
        // Past the test runner, which shows nothing of a test that passes.
        let said = b"skipped: nothing is compared with kustomize itself, because KUSTOMIZE names none (`cargo xtask peers`)\n";
        std::io::stderr().write_all(said).unwrap();
        return;
    };
    let wrong: Vec<String> = all()
        .iter()
        // Looks for what is not there in the network.
        .filter(|case| case.name != "remote")
        .filter_map(|case| check(case, Command::new(&kustomize)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(case: &Case, mut kustomize: Command) -> Option<String> {
    let output = kustomize
        .arg("build")
        .arg(case.folder.join(&case.root))
        .output()
        .unwrap();
    let expected = case.folder.join("expected.yaml");
    match (output.status.success(), expected.is_file()) {
        (true, true) => {
            let wanted = fs::read(expected).unwrap();
            (wanted != output.stdout).then(|| format!("{}: kustomize makes something else", case.name))
        }
        (true, false) => Some(format!("{}: kustomize does not refuse it", case.name)),
        (false, true) => {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            Some(format!("{}: kustomize refuses it: {why}", case.name))
        }
        (false, false) => None,
    }
}
