//! One instance in one route: where it is, what is under way there, and whether it rests.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use slipway_model::{Digest, InstanceName};

/// How long an instance that could not be reached is left alone.
const REST_MS: u64 = 1000;

/// For as long as requests of it are under way.
pub(super) struct Flow {
    pub(super) revision: Digest,
    pub(super) name: InstanceName,
    pub(super) address: SocketAddr,
    pub(super) in_flight: AtomicU64,
    /// On the route's own clock, in milliseconds.
    rests_until: AtomicU64,
}

impl Flow {
    pub(super) fn new(revision: Digest, name: InstanceName, address: SocketAddr) -> Self {
        Self {
            revision,
            name,
            address,
            in_flight: AtomicU64::new(0),
            rests_until: AtomicU64::new(0),
        }
    }

    pub(super) fn rests(&self, now: u64) -> bool {
        self.rests_until.load(Ordering::Relaxed) > now
    }

    pub(super) fn let_rest(&self, now: u64) {
        self.rests_until.store(now + REST_MS, Ordering::Relaxed);
    }
}
