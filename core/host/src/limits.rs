//! What one call may use up. Every limit has a name, and reaching it is an error that says it.

use std::{sync::Arc, time::Duration};

use wasmtime::ResourceLimiter;

/// Those of each call, by its verb.
pub type LimitsOf = Arc<dyn Fn(&'static str) -> Arc<Limits> + Send + Sync>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Of compiling a plugin, for each MiB of it that is begun.
    pub compiling: Duration,
    /// Of a whole call, waiting included.
    pub call: Duration,
    /// Of a plugin computing, between two calls to the host.
    pub computing: Duration,
    /// Of one operation of the host, where the plugin may not choose a longer one: 120 s for HTTP, for instance.
    pub operation: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
    /// Of all tables together.
    pub table_elements: usize,
    /// Bytes that the plugin may hand to the host in one call.
    pub host_call: usize,
    /// Bytes of the answer of one call to the outside.
    pub answer: usize,
    /// The same of an answer over HTTP, which may be a list of all that there is.
    pub http_answer: usize,
    pub log_lines: u32,
    pub effects: u32,
    /// Bytes that all effects of one call may leave in the record: what was asked and what was told.
    pub record: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            compiling: Duration::from_secs(30),
            call: Duration::from_secs(600),
            computing: Duration::from_secs(10),
            operation: Duration::from_secs(120),
            memory: 256 << 20,
            table_elements: 100_000,
            host_call: 16 << 20,
            answer: 1 << 20,
            http_answer: 8 << 20,
            log_lines: 10_000,
            effects: 10_000,
            record: 256 << 20,
        }
    }
}

impl Limits {
    /// Of one of so many bytes.
    pub(crate) fn compiling(&self, bytes: usize) -> Duration {
        let begun = u32::try_from(bytes / (1 << 20))
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        self.compiling.saturating_mul(begun)
    }
}

/// A limit that was reached, in words. Travels as the cause of a trap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} limit {limit} reached")]
pub(crate) struct Reached {
    pub(crate) name: &'static str,
    pub(crate) limit: String,
}

impl Reached {
    pub(crate) fn new(name: &'static str, limit: impl Into<String>) -> Self {
        Self {
            name,
            limit: limit.into(),
        }
    }

    pub(crate) fn seconds(name: &'static str, limit: Duration) -> Self {
        Self::new(name, format!("{} s", limit.as_secs_f64()))
    }
}

/// Refuses growth and remembers what it refused: a guest whose allocation fails only says `unreachable`.
pub(crate) struct Growth {
    memory: usize,
    table_elements: usize,
    grown: usize,
    elements: usize,
    pub(crate) refused: Option<Reached>,
}

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory: limits.memory,
            table_elements: limits.table_elements,
            grown: 0,
            elements: 0,
            refused: None,
        }
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // All memories of the component together.
        let total = self.grown.saturating_sub(current).saturating_add(desired);
        if total > self.memory {
            self.refused = Some(Reached::new("memory", bytes(self.memory)));
            return Ok(false);
        }
        self.grown = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.elements.saturating_sub(current).saturating_add(desired);
        if total > self.table_elements {
            self.refused = Some(Reached::new("table", format!("{} elements", self.table_elements)));
            return Ok(false);
        }
        self.elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        100
    }

    fn tables(&self) -> usize {
        100
    }

    fn memories(&self) -> usize {
        10
    }
}

/// As a person writes it.
pub(crate) fn bytes(count: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    UNITS
        .iter()
        .find(|(unit, _)| count >= *unit && count.is_multiple_of(*unit))
        .map_or_else(
            || format!("{count} bytes"),
            |(unit, name)| format!("{} {name}", count / unit),
        )
}
