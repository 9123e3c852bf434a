//! `slipway abort`: a run that is under way goes back; what a run has left goes.

use clap::Args;
use jiff::Timestamp;
use slipway_engine::{Ambient as _, Engine, Request, Work, begin, give_up};
use slipway_journal::{Deployed, Run, SignalKind};
use slipway_model::EnvironmentName;

use super::{
    Done,
    ledgers::{Found, find},
    running::{carry_out, failed, stop_on_ctrl_c, tell},
    signal::{Whom, signal},
};
use crate::{ambient::Real, context::Context, error::CommandError};

/// Take back what is not cut over: a run under way, an interrupted one, or a candidate
///
/// A run under way is told to go back; it does so itself and ends with exit code 4. One that was interrupted is given up
/// where it stands. A candidate that nobody works on is drained and stopped by a run of its own, and what it replaced
/// comes back. The exit code is 0 if the run was told, or users have what they had.
#[derive(Debug, Args)]
pub(crate) struct Abort {
    #[command(flatten)]
    whom: Whom,
}

impl Abort {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Whom { run: wanted, reason } = self.whom;
        let Found {
            workspace,
            store,
            run,
        } = find(context, &wanted).await?;
        let interrupted = run.is_interrupted(Timestamp::now());
        if run.ended.is_none() && !interrupted {
            return signal(context, store.as_ref(), &run, SignalKind::Abort, reason).await;
        }
        drop(store);
        let engine = context.engine(workspace).await?;
        if interrupted {
            give_up(&engine, &run.id, &Real.who(), &reason).await?;
            context.ui.say(&format!("run {} is given up", run.id));
        }
        // A run means what it has left alone; an environment, whatever is left there.
        let of_run = wanted.parse::<EnvironmentName>() != Ok(run.environment.clone());
        let candidate = candidate(&engine, &run).await?;
        match candidate.filter(|candidate| !of_run || candidate.run == run.id) {
            Some(candidate) => drop_candidate(context, &engine, run, candidate, reason).await,
            None if interrupted => {
                context.ui.say("it has left nothing beside what users have");
                Ok(())
            }
            None => {
                let (scope, id, state) = (run.scope(), &run.id, run.state.as_str());
                let text = format!(
                    "nothing to abort in {scope}: its last run, {id}, has {state}, and no candidate waits"
                );
                Err(CommandError::failed(text).hint(format!(
                    "`slipway rollback {}` puts users back on the revision before",
                    run.environment
                )))
            }
        }
    }
}

async fn candidate(engine: &Engine, run: &Run) -> Result<Option<Deployed>, CommandError> {
    let (_, state) = engine.store.environment(&run.scope()).await?;
    Ok(state.candidate)
}

async fn drop_candidate(
    context: &Context,
    engine: &Engine,
    run: Run,
    candidate: Deployed,
    reason: String,
) -> Done {
    let revision = candidate.revision;
    let by = Real.who();
    let work = Work::Drop { revision, by, reason };
    let request = Request::new(run.service, Some(run.environment), work);
    let run = begin(engine, &request, stop_on_ctrl_c(context)).await?;
    let ended = carry_out(context, engine, &run, &request, None).await?;
    tell(context, &ended);
    failed(&ended)
}
