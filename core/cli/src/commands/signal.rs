//! `slipway pause`, `promote`, `approve`: told to a run that another process carries out.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use slipway_engine::Ambient as _;
use slipway_journal::{Run, Signal, SignalKind, Store};

use super::{
    Done,
    ledgers::{Found, find},
};
use crate::{
    ambient::Real,
    context::Context,
    error::{CommandError, ErrorKind},
};

/// Let a run stand still at the next safe point, until `resume`
#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    whom: Whom,
}

/// Let a run skip the rest of a soak
#[derive(Debug, Args)]
pub(crate) struct Promote {
    #[command(flatten)]
    whom: Whom,
}

/// Approve what a run waits for
#[derive(Debug, Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Args)]
pub(super) struct Whom {
    /// The run, by the beginning of its id, or the environment that it changes
    pub(super) run: String,
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) reason: String,
}

impl Pause {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.whom.tell(context, SignalKind::Pause).await
    }
}

impl Promote {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.whom.tell(context, SignalKind::Promote).await
    }
}

impl Approve {
    pub(crate) async fn run(self, context: &Context) -> Done {
        self.whom.tell(context, SignalKind::Approve).await
    }
}

impl Whom {
    async fn tell(self, context: &Context, kind: SignalKind) -> Done {
        let Found { store, run, .. } = find(context, &self.run).await?;
        if run.is_interrupted(Timestamp::now()) {
            // It would wait for whoever goes on.
            let error = CommandError::new(ErrorKind::Interrupted, format!("run {} was interrupted", run.id));
            return Err(error.hint(format!("`slipway resume {}` goes on with it", run.id)));
        }
        signal(context, store.as_ref(), &run, kind, self.reason).await
    }
}

/// Tells a run that has not ended.
pub(super) async fn signal(
    context: &Context,
    store: &dyn Store,
    run: &Run,
    kind: SignalKind,
    reason: String,
) -> Done {
    if run.ended.is_some() {
        let text = format!(
            "no run of {} is under way: the last one, {}, has {}",
            run.scope(),
            run.id,
            run.state.as_str()
        );
        return Err(CommandError::failed(text));
    }
    let signal = Signal {
        kind,
        by: Real.who(),
        reason,
        at: Timestamp::now(),
    };
    store.signal(&run.id, signal).await?;
    let answer = json!({ "run": run.id, "told": kind.as_str() });
    context
        .ui
        .answer(&answer, || format!("told run {}: {}", run.id, kind.as_str()));
    Ok(())
}
