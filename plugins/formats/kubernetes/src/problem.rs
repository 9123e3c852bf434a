//! What is wrong with an input: file, place, key, why, and the next step. One input can have many.

use std::fmt;

use crate::yaml::{Malformed, Place};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file it is in; empty if it is in none.
    pub file: String,
    pub place: Place,
    /// The key, or the resource, that it is about; empty if it is about the whole file.
    pub key: String,
    pub why: String,
    pub hint: Option<String>,
}

/// Everything that is wrong with an input, at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

pub type Outcome<T> = Result<T, Problems>;

impl Problem {
    pub fn new(file: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place: Place::default(),
            key: String::new(),
            why: why.into(),
            hint: None,
        }
    }

    pub fn malformed(file: &str, malformed: Malformed) -> Self {
        Self::new(file, malformed.why).at(malformed.place)
    }

    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if self.place.line > 0 {
                write!(f, "{}:{}:", self.place.line, self.place.column)?;
            }
            write!(f, " ")?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        write!(f, "{}", self.why)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// The value, or everything that was found wrong on the way to it.
pub(crate) fn unless_wrong<T>(value: T, problems: Vec<Problem>) -> Outcome<T> {
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(Problems(problems))
    }
}
