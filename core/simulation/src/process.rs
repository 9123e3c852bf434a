//! One process of the program: it comes to boundaries, and at one of them it may be killed, or stopped for a while.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::time::{Duration, Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::trace::Trace;

pub(crate) struct Process {
    pub(crate) number: u64,
    plan: Plan,
    boundaries: AtomicU64,
    until: Mutex<Option<Instant>>,
    /// It is gone: whatever it was doing is not gone on with.
    dead: CancellationToken,
    /// It does nothing for a while, and nobody knows for how long.
    stopped: CancellationToken,
    trace: Arc<Trace>,
}

/// At which of its boundaries something happens to a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plan {
    pub(crate) dies_at: Option<u64>,
    pub(crate) stops_at: Option<(u64, Duration)>,
}

impl Process {
    pub(crate) fn new(number: u64, plan: Plan, trace: Arc<Trace>) -> Self {
        Self {
            number,
            plan,
            boundaries: AtomicU64::new(0),
            until: Mutex::default(),
            dead: CancellationToken::new(),
            stopped: CancellationToken::new(),
            trace,
        }
    }

    /// Where something may happen to it. Whoever waits for a dead process waits for ever.
    pub(crate) async fn boundary(&self, what: &str) {
        let number = self.boundaries.fetch_add(1, Ordering::Relaxed) + 1;
        self.trace.say(format_args!("p{} #{number} {what}", self.number));
        if self.plan.dies_at == Some(number) {
            self.kill();
        }
        if let Some((at, time)) = self.plan.stops_at
            && at == number
        {
            self.trace
                .say(format_args!("p{} stopped for {} s", self.number, time.as_secs()));
            *self.until() = Some(Instant::now() + time);
            self.stopped.cancel();
        }
        let until = *self.until();
        if let Some(until) = until {
            sleep_until(until).await;
        }
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn kill(&self) {
        self.trace.say(format_args!("p{} killed", self.number));
        self.dead.cancel();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.is_cancelled()
    }

    pub(crate) async fn dead(&self) {
        self.dead.cancelled().await;
    }

    pub(crate) async fn stopped(&self) {
        self.stopped.cancelled().await;
    }

    fn until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
