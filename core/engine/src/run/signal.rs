//! What people and CI tell a run from another process. Seen between activities and during a soak.

use std::{sync::atomic::Ordering, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_journal::{Class, SignalKind};

use super::{Event, Run};
use crate::{Interruption, RunError};

/// How often somebody who waits for people looks whether they have said something.
const LISTEN: Duration = Duration::from_millis(200);

/// What to do about the signals that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Told {
    Nothing,
    /// Skip the rest of a soak.
    Promote,
    /// Go back now.
    Abort,
    Approve,
    Retry,
    Skip,
    Exclude,
    Hold,
}

/// What lies there for a run and is not heard yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Untold {
    pub(crate) abort: bool,
    pub(crate) pause: bool,
    pub(crate) approve: bool,
}

#[derive(Serialize, Deserialize)]
struct Heard {
    told: Told,
    cursor: u64,
}

impl Run {
    /// What is wanted of the signals since the last look, recorded under a key of its own. Waits as long as the run is
    /// paused. Nothing comes of other signals.
    pub(crate) async fn hear(&self, key: &str, wanted: &[Told]) -> Result<Told, RunError> {
        self.hear_until(key, wanted, |_| true).await
    }

    /// The same until something is enough.
    pub(crate) async fn hear_until(
        &self,
        key: &str,
        wanted: &[Told],
        enough: impl Fn(Told) -> bool,
    ) -> Result<Told, RunError> {
        self.hear_as_long_as(key, wanted, enough, async || Ok(())).await
    }

    /// The same as long as nothing is wrong, of which only that is recorded.
    pub(crate) async fn hear_as_long_as(
        &self,
        key: &str,
        wanted: &[Told],
        enough: impl Fn(Told) -> bool,
        mut well: impl AsyncFnMut() -> Result<(), RunError>,
    ) -> Result<Told, RunError> {
        let heard: Heard = self
            .activity(key, Class::Read, Value::Null, || async {
                let mut told = self.listen(wanted).await?;
                while !enough(told) {
                    well().await?;
                    self.pause(LISTEN).await?;
                    told = self.listen(wanted).await?;
                }
                Ok(Heard {
                    told,
                    cursor: self.signals_read.load(Ordering::Relaxed),
                })
            })
            .await?;
        // After an interruption, signals that were answered before it are not heard again.
        self.signals_read.fetch_max(heard.cursor, Ordering::Relaxed);
        Ok(heard.told)
    }

    /// Without hearing it: whoever hears it next does so again.
    pub(crate) async fn untold(&self) -> Result<Untold, RunError> {
        let after = self.signals_read.load(Ordering::Relaxed);
        let signals = self.journal.store().signals(self.id(), after).await?;
        let mut untold = Untold::default();
        for signalled in signals {
            match signalled.signal.kind {
                SignalKind::Abort => untold.abort = true,
                SignalKind::Pause => untold.pause = true,
                SignalKind::Resume => untold.pause = false,
                SignalKind::Approve => untold.approve = true,
                SignalKind::Promote
                | SignalKind::Retry
                | SignalKind::Skip
                | SignalKind::Exclude
                | SignalKind::Hold => {}
            }
        }
        Ok(untold)
    }

    /// Sleeps, unless the run is told to stop.
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), RunError> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.stop.cancelled() => Err(Interruption::Stopped.into()),
        }
    }

    /// The first that is wanted; an abort comes before everything.
    async fn listen(&self, wanted: &[Told]) -> Result<Told, RunError> {
        let mut told = Told::Nothing;
        let mut paused = false;
        loop {
            let after = self.signals_read.load(Ordering::Relaxed);
            for signalled in self.journal.store().signals(self.id(), after).await? {
                self.signals_read.store(signalled.cursor, Ordering::Relaxed);
                let signal = signalled.signal;
                let said = match signal.kind {
                    SignalKind::Pause => {
                        paused = told != Told::Abort;
                        Told::Nothing
                    }
                    SignalKind::Resume => {
                        paused = false;
                        Told::Nothing
                    }
                    SignalKind::Promote => Told::Promote,
                    SignalKind::Approve => Told::Approve,
                    SignalKind::Retry => Told::Retry,
                    SignalKind::Skip => Told::Skip,
                    SignalKind::Exclude => Told::Exclude,
                    SignalKind::Hold => Told::Hold,
                    SignalKind::Abort => {
                        paused = false;
                        Told::Abort
                    }
                };
                if said == Told::Abort || told == Told::Nothing && wanted.contains(&said) {
                    told = said;
                }
                let kind = signal.kind.as_str().to_owned();
                self.tell(Event::Told {
                    signal: kind,
                    by: signal.by,
                    reason: signal.reason,
                })
                .await?;
            }
            if !paused {
                return Ok(told);
            }
            self.pause(LISTEN).await?;
        }
    }
}
