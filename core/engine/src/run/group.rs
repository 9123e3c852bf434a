//! Runs that are released together: each waits for the others before anything is final, and goes back when one fails.
//!
//! The verdict stands in the journal of the run that leads before anybody acts on it, so that after an interruption all
//! of them hear the same one.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use slipway_journal::Class;
use slipway_model::ServiceName;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Run, Untold};
use crate::{Failed, Interruption, RunError};

/// How often somebody who waits for the others looks whether it is still well itself.
const LOOK: Duration = Duration::from_secs(1);

/// All runs of one group, in the order in which they go; the last one leads.
pub struct Group {
    services: Vec<ServiceName>,
    state: watch::Sender<State>,
}

/// Where a run stands still until the others are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Everybody has a plan, and what this one depends on is deployed.
    Deploy,
    /// Everybody is deployed.
    Deployed,
    /// What this one depends on has its users.
    Cutover,
    /// Everybody has its users and has passed its tests.
    Verdict,
}

/// A run's seat in its group.
pub(crate) struct Seat {
    group: Arc<Group>,
    position: usize,
    /// The positions of those that it depends on.
    needs: Vec<usize>,
}

struct State {
    standings: Vec<Standing>,
    /// It is well with all of them: from here on nobody goes back for another's sake.
    decided: bool,
    /// Somebody has agreed to the change, for whichever of them.
    approved: bool,
    /// Who failed first, and why.
    failed: Option<(usize, String)>,
    /// One of them stands still, to be gone on with: nothing comes of waiting.
    interrupted: bool,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Begun,
    Planned,
    Deployed,
    Proven,
}

impl Group {
    pub fn new(services: Vec<ServiceName>) -> Arc<Self> {
        let state = State {
            standings: vec![Standing::Begun; services.len()],
            decided: false,
            approved: false,
            failed: None,
            interrupted: false,
        };
        Arc::new(Self {
            services,
            state: watch::Sender::new(state),
        })
    }

    /// The run takes its seat before it is carried out.
    pub fn seat(self: &Arc<Self>, run: &Run, position: usize, needs: Vec<usize>) {
        // A run is in one group, and sits down once.
        let _ = run.seat.set(Seat {
            group: self.clone(),
            position,
            needs,
        });
    }

    /// A run of the group that had ended before the others are gone on with.
    pub fn ended(&self, position: usize, failure: Option<String>) {
        let Some(cause) = failure else {
            self.stand(position, Standing::Proven);
            // The one that leads has ended well because it was well with all.
            let leads = position + 1 == self.services.len();
            self.state.send_modify(|state| state.decided |= leads);
            return;
        };
        self.fail(position, cause);
    }

    /// Who failed first.
    pub fn failed(&self) -> Option<usize> {
        self.state.borrow().failed.as_ref().map(|(position, _)| *position)
    }

    fn stand(&self, position: usize, standing: Standing) {
        self.state.send_modify(|state| {
            let stands = &mut state.standings[position];
            *stands = standing.max(*stands);
        });
    }

    /// Answers whether it comes in time.
    fn fail(&self, position: usize, cause: String) -> bool {
        let mut in_time = false;
        self.state.send_modify(|state| {
            in_time = !state.decided;
            if in_time {
                state.failed.get_or_insert((position, cause));
            }
        });
        in_time
    }
}

impl Gate {
    /// Whoever is here has come so far.
    fn reached(self) -> Option<Standing> {
        match self {
            Self::Deploy => Some(Standing::Planned),
            Self::Deployed => Some(Standing::Deployed),
            Self::Cutover => None,
            Self::Verdict => Some(Standing::Proven),
        }
    }
}

impl Seat {
    fn leads(&self) -> bool {
        self.position + 1 == self.group.services.len()
    }

    /// Meanwhile it is looked for what would fail this one, and with it all, as long as nothing is decided.
    async fn wait(
        &self,
        gate: Gate,
        stop: &CancellationToken,
        mut trouble: impl AsyncFnMut() -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut changes = self.group.state.subscribe();
        loop {
            if let Some(result) = self.open(gate, &changes.borrow_and_update()) {
                return result;
            }
            tokio::select! {
                changed = changes.changed() => changed.map_err(|_| Interruption::Stopped)?,
                () = stop.cancelled() => return Err(Interruption::Stopped.into()),
                () = tokio::time::sleep(LOOK) => {}
            }
            match trouble().await {
                Err(RunError::Failed(failed)) if !self.group.fail(self.position, failed.message.clone()) => {}
                looked => looked?,
            }
        }
    }

    /// Nothing as long as there is something to wait for.
    fn open(&self, gate: Gate, state: &State) -> Option<Result<(), RunError>> {
        if state.decided {
            return Some(Ok(()));
        }
        if let Some((position, cause)) = &state.failed {
            let (other, own) = (
                &self.group.services[*position],
                &self.group.services[self.position],
            );
            let text = format!("{other}, with which {own} is released together, failed: {cause}");
            return Some(Err(Failed::new(text).into()));
        }
        let all = |standing| state.standings.iter().all(|stands| *stands >= standing);
        let needed = |standing| self.needs.iter().all(|need| state.standings[*need] >= standing);
        let open = match gate {
            Gate::Deploy => all(Standing::Planned) && needed(Standing::Deployed),
            Gate::Deployed => all(Standing::Deployed),
            Gate::Cutover => needed(Standing::Proven),
            Gate::Verdict => self.leads() && all(Standing::Proven),
        };
        match open {
            true => Some(Ok(())),
            false if state.interrupted => Some(Err(Interruption::Stopped.into())),
            false => None,
        }
    }
}

impl Run {
    /// Waits for the others of its group, if it is in one.
    pub(crate) async fn together(&self, key: &str, gate: Gate) -> Result<(), RunError> {
        self.together_as_long_as(key, gate, async || Ok(())).await
    }

    /// The same as long as nothing is wrong, of which only that is recorded.
    pub(crate) async fn together_as_long_as(
        &self,
        key: &str,
        gate: Gate,
        mut well: impl AsyncFnMut() -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let Some(seat) = self.seat.get() else {
            return Ok(());
        };
        if let Some(standing) = gate.reached() {
            seat.group.stand(seat.position, standing);
        }
        let trouble = async || {
            let Untold { abort, approve, .. } = self.untold().await?;
            if abort {
                return Err(Failed::aborted().into());
            }
            // Another one may wait for it, whose turn is before this one's.
            if approve && gate == Gate::Deploy {
                self.approve_for_all();
            }
            well().await
        };
        self.activity(key, Class::Read, json!("together"), || {
            seat.wait(gate, &self.stop, trouble)
        })
        .await?;
        if gate == Gate::Verdict && seat.leads() {
            self.journal.flush().await?;
            seat.group.state.send_modify(|state| state.decided = true);
        }
        Ok(())
    }

    /// What is released together is agreed to once.
    pub(crate) fn approve_for_all(&self) {
        if let Some(seat) = self.seat.get() {
            seat.group.state.send_modify(|state| state.approved = true);
        }
    }

    pub(crate) fn is_approved_for_all(&self) -> bool {
        let seat = self.seat.get();
        seat.is_some_and(|seat| seat.group.state.borrow().approved)
    }

    /// The others of its group go back as well.
    pub(crate) fn failed_for_all(&self, cause: &Failed) {
        if let Some(seat) = self.seat.get() {
            seat.group.fail(seat.position, cause.message.clone());
        }
    }

    /// The others of its group wait no longer.
    pub(crate) fn interrupted_for_all(&self) {
        if let Some(seat) = self.seat.get() {
            seat.group.state.send_modify(|state| state.interrupted = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats() -> (Arc<Group>, [Seat; 3]) {
        let names = ["cart", "worker", "shop"].map(|name| name.parse().unwrap());
        let group = Group::new(names.to_vec());
        let seat = |position, needs| Seat {
            group: group.clone(),
            position,
            needs,
        };
        let seats = [seat(0, vec![]), seat(1, vec![0]), seat(2, vec![0, 1])];
        (group, seats)
    }

    fn opens(seat: &Seat, gate: Gate) -> Option<String> {
        let open = seat.open(gate, &seat.group.state.borrow());
        open.map(|result| result.map_or_else(|error| error.to_string(), |()| "open".to_owned()))
    }

    #[test]
    fn gates_open_in_order() {
        let (group, [cart, worker, shop]) = seats();
        let open = Some("open".to_owned());
        group.stand(0, Standing::Planned);
        group.stand(1, Standing::Planned);
        assert_eq!(opens(&cart, Gate::Deploy), None);
        group.stand(2, Standing::Planned);
        assert_eq!(
            (opens(&cart, Gate::Deploy), opens(&worker, Gate::Deploy)),
            (open.clone(), None)
        );
        group.stand(0, Standing::Deployed);
        group.stand(1, Standing::Deployed);
        assert_eq!(
            (opens(&shop, Gate::Deploy), opens(&cart, Gate::Deployed)),
            (open.clone(), None)
        );
        group.stand(2, Standing::Deployed);
        assert_eq!(
            (opens(&cart, Gate::Deployed), opens(&worker, Gate::Cutover)),
            (open.clone(), None)
        );
        for position in 0..3 {
            assert_eq!(opens(&shop, Gate::Verdict), None);
            group.stand(position, Standing::Proven);
        }
        // Only the one that leads decides; the others hear of it when it stands in its journal.
        assert_eq!(
            (opens(&shop, Gate::Verdict), opens(&cart, Gate::Verdict)),
            (open.clone(), None)
        );
        group.state.send_modify(|state| state.decided = true);
        assert_eq!(opens(&cart, Gate::Verdict), open);
    }

    #[test]
    fn one_fails_for_all_unless_it_is_decided() {
        let (group, [cart, worker, _]) = seats();
        group.fail(1, "no disk".to_owned());
        group.fail(0, "worker failed".to_owned());
        let why = "worker, with which cart is released together, failed: no disk";
        assert_eq!(opens(&cart, Gate::Verdict).as_deref(), Some(why));
        assert_eq!(group.failed(), Some(1));
        let (group, [cart, ..]) = seats();
        group.state.send_modify(|state| state.decided = true);
        group.fail(1, "too late".to_owned());
        assert_eq!(opens(&cart, Gate::Verdict).as_deref(), Some("open"));
        assert_eq!(group.failed(), None);
        drop(worker);
    }

    #[tokio::test]
    async fn nobody_waits_for_one_that_stands_still() {
        let (group, [cart, ..]) = seats();
        let stop = CancellationToken::new();
        let (waited, ()) = tokio::join!(cart.wait(Gate::Deployed, &stop, async || Ok(())), async {
            group.state.send_modify(|state| state.interrupted = true);
        });
        assert!(matches!(waited, Err(RunError::Interrupted(_))), "{waited:?}");
        let (group, [cart, ..]) = seats();
        let (waited, ()) = tokio::join!(cart.wait(Gate::Deployed, &stop, async || Ok(())), async {
            stop.cancel()
        });
        assert!(waited.is_err() && group.failed().is_none());
    }
}
