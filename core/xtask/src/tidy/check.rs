//! Runs every rule over every file.

use super::{fixtures, headers, roots, size, source, words};
use crate::talk::{Failed, root, say};

pub(crate) fn tidy() -> Result<(), Failed> {
    let root = root();
    let sources = source::read(&root)?;
    let mut findings = fixtures::check(&root, &sources)?;
    for source in &sources {
        if source.is_rust() || source.is_go() {
            findings.extend(headers::check(source));
            findings.extend(size::check(source));
        }
        if source.is_rust() {
            findings.extend(roots::check(source));
        }
        findings.extend(words::check(source));
    }
    findings.extend(size::check_exceptions(&sources));
    findings.sort();
    for finding in &findings {
        let line = if finding.line == 0 {
            String::new()
        } else {
            format!(":{}", finding.line)
        };
        say(&format!("{}{line}: {}", finding.path, finding.message));
    }
    if findings.is_empty() {
        say(&format!("tidy: {} files, nothing to say", sources.len()));
        Ok(())
    } else {
        Err(Failed(format!("tidy: {} findings", findings.len())))
    }
}
