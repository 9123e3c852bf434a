//! People, from other terminals: they approve what waits for it, and pause, promote and abort where they feel like it.

use std::{sync::Arc, time::Duration};

use slipway_engine::Ambient;
use slipway_journal::{RunState, Signal, SignalKind};
use slipway_model::RunId;

use crate::{chance::Chance, disk::Disk, scenario::Scenario, trace::Trace};

const DECISIONS: [SignalKind; 5] = [
    SignalKind::Retry,
    SignalKind::Skip,
    SignalKind::Exclude,
    SignalKind::Abort,
    SignalKind::Hold,
];

pub(crate) struct Meddler {
    pub(crate) disk: Arc<Disk>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) chance: Chance,
    pub(crate) trace: Arc<Trace>,
}

impl Meddler {
    /// As long as somebody waits for it.
    pub(crate) async fn meddle(&self, scenario: &Scenario) {
        loop {
            tokio::time::sleep(self.chance.millis(300..=6000)).await;
            let under_way = self.disk.with(|ledger| {
                let last = ledger.runs.last().filter(|kept| kept.run.ended.is_none())?;
                Some((last.run.id.clone(), last.run.state))
            });
            let Some((run, state)) = under_way else { continue };
            if state == RunState::Waiting {
                // Whatever it waits for: an approval, somebody who knows better, or a decision.
                self.tell(&run, SignalKind::Approve);
                self.tell(&run, SignalKind::Promote);
                if scenario.asks {
                    // Whether it is offered or not.
                    self.tell(&run, self.chance.pick(&DECISIONS));
                }
                continue;
            }
            if !scenario.meddled {
                continue;
            }
            match self.chance.number(0..=9) {
                0..=1 => self.tell(&run, SignalKind::Promote),
                2 => self.tell(&run, SignalKind::Abort),
                3..=5 => {
                    self.tell(&run, SignalKind::Pause);
                    tokio::time::sleep(self.chance.millis(100..=9000)).await;
                    self.tell(&run, SignalKind::Resume);
                }
                _ => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    fn tell(&self, run: &RunId, kind: SignalKind) {
        self.trace.say(format_args!("somebody: {} {run}", kind.as_str()));
        let signal = Signal {
            kind,
            by: self.ambient.who(),
            reason: String::new(),
            at: self.ambient.now(),
        };
        // A run that nobody knows has nobody to be told.
        let _told = self.disk.with(|ledger| ledger.signal(run, signal));
    }
}
