//! One request's way through the router: what is to be known of it when it has ended, however it ends.

use std::sync::{Arc, atomic::Ordering};

use http::{Method, StatusCode};
use tokio::time::Instant;

use super::{access::AccessLog, flow::Flow, metrics::Meter, table::Share};
use crate::{api::AccessEntry, clock};

/// What is noted when a user leaves before there is an answer.
const USER_LEFT: u16 = 499;

pub(super) struct Passage {
    log: Arc<AccessLog>,
    began: Instant,
    entry: AccessEntry,
    meter: Arc<Meter>,
    flow: Option<Arc<Flow>>,
}

impl Passage {
    /// Until an instance takes it, it counts for `nobody`.
    pub(super) fn begin(
        log: Arc<AccessLog>,
        nobody: Arc<Meter>,
        method: &Method,
        path: &str,
        preview: bool,
    ) -> Self {
        let entry = AccessEntry {
            time: clock::now(),
            method: method.to_string(),
            path: path.to_owned(),
            status: USER_LEFT,
            revision: String::new(),
            instance: String::new(),
            duration_ms: 0.0,
            bytes: 0,
            preview,
        };
        Self {
            log,
            began: Instant::now(),
            entry,
            meter: nobody,
            flow: None,
        }
    }

    /// The revision that it was sent to before, where that still has weight.
    pub(super) fn share_before(&self, shares: &[Share]) -> Option<usize> {
        let before = self.flow.as_ref()?.revision;
        shares
            .iter()
            .position(|share| share.revision == before && share.weight > 0)
    }

    pub(super) fn goes_to(&mut self, share: &Share, flow: &Arc<Flow>) {
        flow.in_flight.fetch_add(1, Ordering::AcqRel);
        self.leave();
        self.flow = Some(Arc::clone(flow));
        self.meter = Arc::clone(&share.meter);
        share.text.as_ref().clone_into(&mut self.entry.revision);
        flow.name.as_str().clone_into(&mut self.entry.instance);
    }

    pub(super) fn answered(&mut self, status: StatusCode) {
        self.entry.status = status.as_u16();
    }

    pub(super) fn sent(&mut self, bytes: u64) {
        self.entry.bytes += bytes;
    }

    fn leave(&mut self) {
        if let Some(flow) = self.flow.take() {
            flow.in_flight.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        self.entry.duration_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        self.meter.count(self.entry.status, took);
        self.log.write(&self.entry);
        self.leave();
    }
}
