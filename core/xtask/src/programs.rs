//! The tests of the workspace. Those that are programs of their own go beside each other, because most of them wait for
//! servers and clusters more than they compute.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::Output,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use crate::{
    swept::Rows,
    talk::{Failed, cargo, root, run, say, spent},
};

const AT_ONCE: usize = 2;
const TEST: [&str; 5] = ["test", "--quiet", "--locked", "--no-fail-fast", "--workspace"];

/// Says to tests that they need not build the programs that they start.
pub(crate) const BUILT: (&str, &str) = ("SLIPWAY_PROGRAMS_BUILT", "1");

/// The tests, and what they start.
pub(crate) fn build() -> Result<(), Failed> {
    // Programs of packages with tests of their own are built with these; the shop has none.
    run(cargo().args(TEST).arg("--no-run"))?;
    run(cargo().args(["build", "--quiet", "--locked", "--workspace", "--bin", "shop"]))
}

pub(crate) fn test() -> Result<(), Failed> {
    build()?;
    run(cargo().args(TEST).args(["--lib", "--bins"]))?;
    run(cargo().args(TEST).arg("--doc"))?;
    let waiting = Mutex::new(programs(&root())?);
    let (failed, rows) = (Mutex::new(Vec::new()), Mutex::new(Rows::default()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(name) = next(&waiting) {
                    if !succeeds(&name, &rows) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                    }
                }
            });
        }
    });
    let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&format!("processes that were killed:\n{}", rows.table()));
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() {
        return Ok(());
    }
    let again: String = failed.iter().map(|name| format!(" --test {name}")).collect();
    Err(Failed(format!("failed; again: cargo test --workspace{again}")))
}

fn next(waiting: &Mutex<BTreeSet<String>>) -> Option<String> {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.pop_first()
}

/// Of all packages; one name may stand for a program of several.
fn programs(root: &Path) -> Result<BTreeSet<String>, Failed> {
    let mut packages = vec![root.join("tests"), root.join("manifests/shop/program")];
    for package in entries(&root.join("core"))? {
        packages.push(root.join("core").join(package));
    }
    let mut programs = BTreeSet::new();
    for package in packages {
        let folder = package.join("tests");
        if !folder.is_dir() {
            continue;
        }
        for name in entries(&folder)? {
            match name.strip_suffix(".rs") {
                Some(stem) => programs.insert(stem.to_owned()),
                None => folder.join(&name).join("main.rs").is_file() && programs.insert(name),
            };
        }
    }
    Ok(programs)
}

fn entries(folder: &Path) -> Result<Vec<String>, Failed> {
    let read = || -> std::io::Result<Vec<String>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    read().map_err(Failed::to("read", folder))
}

/// Says how long it took; of one that failed, everything.
fn succeeds(name: &str, rows: &Mutex<Rows>) -> bool {
    let started = Instant::now();
    let ran = cargo()
        .env(BUILT.0, BUILT.1)
        .args(TEST)
        .args(["--test", name, "--", "--show-output"])
        .output();
    let (good, said) = match &ran {
        Ok(Output {
            status,
            stdout,
            stderr,
        }) if !status.success() => {
            let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(bytes));
            (false, format!("\n{stdout}{stderr}"))
        }
        Ok(ran) => {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            let said = String::from_utf8_lossy(&ran.stdout);
            for line in said.lines() {
                rows.take(line);
            }
            (true, String::new())
        }
        Err(error) => (false, format!("\ncargo cannot be started: {error}")),
    };
    let word = if good { "passed" } else { "FAILED" };
    say(&format!("{name}: {word}, {}{said}", spent(started)));
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_files_and_folders_with_a_main() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "core/a/tests/one.rs",
            "core/a/tests/kit/mod.rs",
            "core/b/src/lib.rs",
            "tests/tests/two/main.rs",
            "tests/tests/one.rs",
        ] {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let found = programs(root.path()).unwrap();
        assert_eq!(Vec::from_iter(found), ["one", "two"]);
    }
}
