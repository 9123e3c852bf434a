//! The disk that the ledger is on: what was committed stays, what was only accepted is gone with its process.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{Acquired, Error, Holder, LEASE_TIME, Lease, Owner, Result, Scope};
use slipway_model::RunId;

use crate::{
    chance::Chance,
    ledger::{Held, Ledger},
    process::Process,
    scenario::Scenario,
};

pub(crate) struct Disk {
    ledger: Mutex<Ledger>,
    /// By number: whether the holder of a lease is dead is asked here.
    processes: Mutex<BTreeMap<u64, Arc<Process>>>,
    /// It cannot be asked: the processes are on other machines.
    elsewhere: bool,
    full: u32,
    /// So often it can still be full: somebody makes room in the end.
    left: AtomicU32,
}

const FULL: u32 = 8;

impl Disk {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            ledger: Mutex::default(),
            processes: Mutex::default(),
            elsewhere: scenario.elsewhere,
            full: scenario.full_disk,
            left: AtomicU32::new(FULL),
        }
    }

    pub(crate) fn attach(&self, process: &Arc<Process>) {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        processes.insert(process.number, process.clone());
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there is room for what is to be written now. There is again for what comes next.
    pub(crate) fn room(&self, chance: &Chance) -> Result<()> {
        let full = chance.permille(self.full);
        let one_less = |left: u32| left.checked_sub(1);
        if !full
            || self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_err()
        {
            return Ok(());
        }
        let ledger = "the simulated one".to_owned();
        Err(Error::NoRoom { ledger })
    }

    pub(crate) fn acquire(
        &self,
        ledger: &mut Ledger,
        (scope, owner, process): (&Scope, &Owner, u64),
        now: Timestamp,
    ) -> Acquired {
        let row = ledger.leases.entry(scope.clone()).or_default();
        if let Some(held) = row.held.as_ref().filter(|held| self.is_held(held, now)) {
            return Acquired::Held(held.holder.clone());
        }
        row.token += 1;
        let holder = Holder {
            owner: owner.clone(),
            since: now,
            heartbeat: now,
        };
        row.held = Some(Held {
            holder,
            run: owner.run.clone(),
            process,
        });
        Acquired::Lease(Lease {
            scope: scope.clone(),
            token: row.token,
            run: owner.run.clone(),
        })
    }

    /// The activity for which exactly this effect is durably intended and has no outcome.
    pub(crate) fn intended(&self, run: &RunId, effect: &Value) -> Option<String> {
        self.with(|ledger| {
            let mut open = ledger.kept(run).ok()?.open.iter();
            open.find(|(_, request)| *request == effect)
                .map(|(activity, _)| activity.clone())
        })
    }

    fn is_held(&self, held: &Held, now: Timestamp) -> bool {
        if self.elsewhere {
            return now.duration_since(held.holder.heartbeat).unsigned_abs() <= LEASE_TIME;
        }
        let processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        processes
            .get(&held.process)
            .is_some_and(|process| !process.is_dead())
    }
}
