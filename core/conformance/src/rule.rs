//! One thing that a plugin has to keep, and how it did.

use serde::Serialize;

/// So many problems of one rule are named.
const NAMED: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rule {
    pub name: &'static str,
    /// How often it was tried.
    pub tried: usize,
    /// What was wrong, the first of them.
    pub problems: Vec<String>,
    /// How many there were.
    pub broken: usize,
}

impl Rule {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            tried: 0,
            problems: Vec::new(),
            broken: 0,
        }
    }

    pub(crate) fn holds(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        self.tried += 1;
        if holds {
            return;
        }
        self.broken += 1;
        if self.problems.len() < NAMED {
            self.problems.push(problem());
        }
    }

    pub fn is_kept(&self) -> bool {
        self.broken == 0
    }
}
