//! Leases: one writer per service and environment, with a fencing token that only ever grows.
//!
//! The store decides, in a step that nobody comes between, and by one clock: that of its callers on one machine, that of
//! the server where there are many. An owner that is provably dead loses its lease at once; one of which nothing
//! can be known (another machine, another process namespace) when it has been silent for [`LEASE_TIME`]. One that is
//! alive here keeps it, however long it is silent: a stopped process may be continued.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{EnvironmentName, RunId, ServiceName};

use crate::{Liveness, Owner};

/// Heartbeats should come at a third of this.
pub const LEASE_TIME: Duration = Duration::from_secs(30);

/// What a lease covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub service: ServiceName,
    pub environment: EnvironmentName,
}

/// The right to write, proven by a token that is checked with every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub scope: Scope,
    pub token: u64,
    pub run: RunId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    Lease(Lease),
    Held(Holder),
}

/// Who has a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub owner: Owner,
    pub since: Timestamp,
    pub heartbeat: Timestamp,
}

impl Lease {
    /// What a token that is given now is at least: milliseconds since 1970. A place remembers the greatest token that it
    /// has seen, also of a ledger that is gone, so those of a new one have to be greater.
    pub(crate) fn least_token(now: Timestamp) -> i64 {
        now.as_millisecond().max(1)
    }
}

impl Holder {
    /// `Dead` is certain, or a silence longer than the lease time.
    pub fn liveness(&self, now: Timestamp) -> Liveness {
        match self.owner.liveness() {
            Liveness::Unknown => {
                let silence = now.duration_since(self.heartbeat);
                if silence.unsigned_abs() > LEASE_TIME && silence.is_positive() {
                    Liveness::Dead
                } else {
                    Liveness::Alive
                }
            }
            known => known,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.service, self.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_counts_only_for_strangers() {
        let heartbeat: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let here = Owner::current("r-1".parse().unwrap()).unwrap();
        let stranger = Owner {
            host: "elsewhere".into(),
            ..here.clone()
        };
        let check = |owner: &Owner, seconds: i64, expected| {
            let holder = Holder {
                owner: owner.clone(),
                since: heartbeat,
                heartbeat,
            };
            let now = heartbeat + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(holder.liveness(now), expected, "{seconds}");
        };
        check(&here, 1_000_000, Liveness::Alive);
        check(&stranger, 30, Liveness::Alive);
        check(&stranger, 31, Liveness::Dead);
        check(&stranger, -1_000, Liveness::Alive);
    }
}
