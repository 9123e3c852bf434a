//! The dead man's switch of the simulated place.

use std::collections::BTreeMap;

use slipway_model::{Digest, InstanceName};
use slipway_plugin::{Failure, FailureKind, Routing};
use tokio::time::{Duration, Instant};

/// What comes back, and when.
pub(crate) struct Guard {
    pub(crate) deadline: Instant,
    pub(crate) gone_off: bool,
    pub(crate) instances: BTreeMap<InstanceName, Digest>,
    pub(crate) routing: Routing,
}

impl Guard {
    pub(crate) fn renew(&mut self, seconds: u32) -> Option<String> {
        if self.gone_off {
            return Some(text());
        }
        self.deadline = Instant::now() + Duration::from_secs(seconds.into());
        None
    }

    /// For whoever would change what has come back.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.gone_off {
            return Err(Failure::new(FailureKind::Refused, text()));
        }
        Ok(())
    }

    /// Goes off if it is time. Answers since when what it has brought back runs.
    pub(crate) fn goes_off(&mut self) -> Option<Instant> {
        let now = !self.gone_off && self.deadline <= Instant::now();
        self.gone_off |= now;
        now.then_some(self.deadline)
    }
}

/// By what the oracle knows it again.
pub(crate) const GONE: &str = "gone back by itself";

fn text() -> String {
    format!("nobody was heard from, and the place has {GONE}")
}
