//! A file holds one thing. One that has more than 400 lines of code holds two; tests do not count.

use super::source::{Finding, Source};

const LIMIT: usize = 400;

/// Longer ones, and why.
const EXCEPTIONS: [(&str, &str); 8] = [
    (
        "plugins/formats/helm/internal/bindings/exports/wit_exports/wit_exports.go",
        "generated from the contract",
    ),
    (
        "sdk/go/internal/bindings/exports/format/wit_exports_wasm.go",
        "generated from the contract",
    ),
    (
        "sdk/go/internal/bindings/exports/router/wit_exports_wasm.go",
        "generated from the contract",
    ),
    (
        "sdk/rust/src/bindings/capabilities.rs",
        "generated from the contract",
    ),
    ("sdk/rust/src/bindings/check.rs", "generated from the contract"),
    ("sdk/rust/src/bindings/format.rs", "generated from the contract"),
    ("sdk/rust/src/bindings/router.rs", "generated from the contract"),
    ("sdk/rust/src/bindings/target.rs", "generated from the contract"),
];

pub(crate) fn check(source: &Source) -> Option<Finding> {
    let lines = code(&source.text);
    let small = lines <= LIMIT || source.is_test() || exception(&source.path).is_some();
    (!small).then(|| {
        source.finding(
            0,
            format!("{lines} lines of code are more than {LIMIT}: split it"),
        )
    })
}

/// An exception that is not needed any more.
pub(crate) fn check_exceptions(sources: &[Source]) -> Vec<Finding> {
    let needed = |path: &str| {
        sources
            .iter()
            .any(|source| source.path == path && code(&source.text) > LIMIT)
    };
    let stale = EXCEPTIONS.iter().filter(|(path, _)| !needed(path));
    let message =
        "needs no exception from the size limit any more: take it out of core/xtask/src/tidy/size.rs";
    stale
        .map(|(path, _)| Finding {
            path: (*path).to_owned(),
            line: 0,
            message: message.to_owned(),
        })
        .collect()
}

fn exception(path: &str) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(excepted, _)| *excepted == path)
        .map(|(_, reason)| *reason)
}

/// Lines that are neither empty nor comments, up to the tests at the end.
fn code(text: &str) -> usize {
    let before = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    before
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, lines: usize) -> Source {
        Source {
            path: path.to_owned(),
            text: format!("//! x\n{}", "a();\n\n// why\n".repeat(lines)),
        }
    }

    #[test]
    fn only_code_counts() {
        assert_eq!(check(&source("core/a/src/b.rs", LIMIT)), None);
        assert!(check(&source("core/a/src/b.rs", LIMIT + 1)).is_some());
        assert_eq!(check(&source("core/a/tests/b.rs", LIMIT + 1)), None);
        let mut tested = source("core/a/src/b.rs", LIMIT);
        tested.text.push_str("\n#[cfg(test)]\nmod tests {\n    a();\n}\n");
        assert_eq!(check(&tested), None);
    }

    #[test]
    fn an_exception_ends_when_it_is_not_needed() {
        let (path, _) = EXCEPTIONS[0];
        assert_eq!(check(&source(path, LIMIT + 1)), None);
        let stale = |lines| {
            check_exceptions(&[source(path, lines)])
                .iter()
                .any(|finding| finding.path == path)
        };
        assert!(!stale(LIMIT + 1) && stale(1));
    }
}
