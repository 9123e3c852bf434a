//! A fixture that no test names is forgotten: it costs time and proves nothing.

use std::{fs, path::Path};

use super::source::{Finding, Source};
use crate::talk::Failed;

const FOLDERS: [&str; 2] = ["plugins/fixtures", "manifests"];

pub(crate) fn check(root: &Path, sources: &[Source]) -> Result<Vec<Finding>, Failed> {
    let mut findings = Vec::new();
    for folder in FOLDERS {
        let path = root.join(folder);
        for entry in fs::read_dir(&path).map_err(Failed::to("read", &path))? {
            let entry = entry.map_err(Failed::to("read", &path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !sources.iter().any(|source| names(source, &name)) {
                let message = "no test names it: use it or remove it".to_owned();
                findings.push(Finding {
                    path: format!("{folder}/{name}"),
                    line: 0,
                    message,
                });
            }
        }
    }
    Ok(findings)
}

/// Rust that is about tests and says the name as a word of its own in a string. The builder of plugins names all of
/// them and tests none.
fn names(source: &Source, name: &str) -> bool {
    let own = source.path.starts_with("core/xtask/") || source.path.starts_with("plugins/fixtures/");
    let tests = source.path.contains("tests") || source.text.contains("#[cfg(test)]");
    let said = || {
        source.text.match_indices(name).any(|(at, _)| {
            let before = source.text[..at].chars().next_back();
            let after = source.text[at + name.len()..].chars().next();
            before.is_some_and(|c| "\"/".contains(c)) && after.is_some_and(|c| "\"/.".contains(c))
        })
    };
    source.is_rust() && tests && !own && said()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_names_it_in_a_string() {
        let check = |path: &str, text: &str| {
            names(
                &Source {
                    path: path.to_owned(),
                    text: text.to_owned(),
                },
                "trap",
            )
        };
        assert!(check("tests/a.rs", r#"load("trap")"#));
        assert!(check(
            "core/host/tests/a.rs",
            r#"load("plugins/fixtures/trap.wasm")"#
        ));
        assert!(!check("core/host/src/a.rs", r#"load("trap")"#));
        assert!(!check("tests/a.rs", "fn trap() {} // \"traps\""));
        assert!(!check("core/xtask/tests/a.rs", r#""trap""#));
    }
}
