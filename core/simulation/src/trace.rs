//! What has happened, in order: its digest tells whether two runs of a seed were the same, its lines tell a person.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use slipway_model::{Digest, Hasher};
use tokio::time::Instant;

pub(crate) struct Trace {
    began: Instant,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    hasher: Hasher,
    /// Of this instant, and when that is. Within it threads that read files may be faster or slower: the digest has its lines in
    /// another order than they came.
    instant: (Duration, Vec<String>),
    /// Kept only where somebody wants to read them.
    lines: Option<Vec<String>>,
    violations: Vec<String>,
}

impl Inner {
    /// An instant is over.
    fn turn(&mut self) {
        let (_, lines) = &mut self.instant;
        lines.sort_unstable();
        for line in lines.drain(..) {
            self.hasher.update(line.as_bytes());
        }
    }
}

impl Trace {
    pub(crate) fn new(kept: bool) -> Self {
        let lines = kept.then(Vec::new);
        Self {
            began: Instant::now(),
            inner: Mutex::new(Inner {
                lines,
                ..Inner::default()
            }),
        }
    }

    pub(crate) fn say(&self, what: impl fmt::Display) {
        let now = self.began.elapsed();
        let line = format!("{:9.3} {what}", now.as_secs_f64());
        self.with(|inner| {
            if inner.instant.0 != now {
                inner.turn();
                inner.instant.0 = now;
            }
            inner.instant.1.push(line.clone());
            if let Some(lines) = &mut inner.lines {
                lines.push(line);
            }
        });
    }

    /// What must never happen.
    pub(crate) fn violation(&self, what: impl fmt::Display) {
        self.say(format_args!("VIOLATION {what}"));
        self.with(|inner| inner.violations.push(what.to_string()));
    }

    /// The digest, the lines that were kept, and what must never happen and did.
    pub(crate) fn take(&self) -> (Digest, Vec<String>, Vec<String>) {
        self.with(|inner| {
            inner.turn();
            let Inner {
                hasher,
                lines,
                violations,
                ..
            } = std::mem::take(inner);
            (hasher.finish(), lines.unwrap_or_default(), violations)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
