//! `slipway decide`: how a run goes on that has failed and asks.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use slipway_engine::Choice;

use super::{Done, ledgers::find, offered::offered, resume::go_on_with, runs::records, signal::signal};
use crate::{context::Context, error::CommandError};

/// Say how a run goes on that has failed and asks (`on-failure = "ask"`)
///
/// What the run offers is shown when it asks, and by `slipway logs --run`. Where nobody carries the run out any more, be it
/// for days or from another machine, this command goes on with it.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// The run, by the beginning of its id, or the environment that it changes
    run: String,
    choice: Decision,
    /// Why, for the record
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decision {
    /// Do again what failed
    Retry,
    /// Go on as though it had not failed
    Skip,
    /// Go on without the instances that failed
    Exclude,
    /// Bring back what users had
    RollBack,
    /// End the run, and leave everything as it stands
    Hold,
}

impl Decide {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let choice = self.choice.choice();
        let found = find(context, &self.run).await?;
        let run = found.run.clone();
        let offered = offered(&records(&found.store, &run.id).await?);
        let Some(offered) = offered.filter(|_| run.ended.is_none()) else {
            let text = format!("run {} of {} asks nothing", run.id, run.scope());
            return Err(CommandError::failed(text)
                .hint(format!("`slipway status {}` shows how it is", run.environment)));
        };
        if !offered.contains(&choice) {
            let words: Vec<_> = offered.into_iter().map(Choice::as_str).collect();
            let text = format!(
                "run {} does not offer to {}, only {}",
                run.id,
                choice.as_str(),
                words.join(", ")
            );
            return Err(CommandError::usage(text));
        }
        let interrupted = run.is_interrupted(Timestamp::now());
        signal(context, found.store.as_ref(), &run, choice.signal(), self.reason).await?;
        if interrupted {
            return go_on_with(context, found, None).await;
        }
        Ok(())
    }
}

impl Decision {
    fn choice(self) -> Choice {
        match self {
            Self::Retry => Choice::Retry,
            Self::Skip => Choice::Skip,
            Self::Exclude => Choice::Exclude,
            Self::RollBack => Choice::RollBack,
            Self::Hold => Choice::Hold,
        }
    }
}
