//! `slipway judge`.

mod file;
mod replay;
mod set;

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;
use slipway_judge::Outcome;

use super::Done;
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};
use set::Set;

/// Judge series of measurements, or what a past run was judged by
///
/// A file has the header `group,metric,kind,value,total`. A group is `stable` (what users have) or `candidate`. A row of
/// kind `value` is one sample; one of kind `count` says how many events (`value`) there were out of how many (`total`).
///
/// With `--replay` the analyses of a run are judged again from what it has recorded; nothing else is asked.
///
/// `--set` says how strict: `confidence` (how sure it has to be that something is worse, in percent; 97.5), `tolerance` (how
/// much worse is nothing to fail for, in percent; 5), `min-sample`, `min` and `max` of the mean (or of a `quantile`, such as
/// 0.99), `max-percent` of events, `direction` (`lower-is-better` or `higher-is-better`); and with `--replay` also `max-count`
/// and `max-rate` of log lines, for those analyses that have them.
///
/// The exit code is 0 if all pass, 1 if one fails, and 9 if one cannot be judged.
#[derive(Debug, Args)]
pub(crate) struct Judge {
    /// The series; `-` reads them from standard input
    #[arg(value_name = "FILE.csv", required_unless_present = "replay")]
    file: Option<PathBuf>,
    /// Judge the analyses of this run again, named by the beginning of its id; of an environment, the latest one; of
    /// `archive:ENTRY`, with the archive alone
    #[arg(long, value_name = "RUN", conflicts_with = "file")]
    replay: Option<String>,
    /// Be as strict as this; may be given again
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Set>,
}

impl Judge {
    pub(crate) async fn run(self, context: &Context) -> Done {
        match (&self.file, &self.replay) {
            (_, Some(run)) => replay::replay(context, run, &self.set).await,
            (Some(file), None) => file::judge_file(context, file, &self.set),
            (None, None) => Err(CommandError::usage("a file or --replay is needed")),
        }
    }
}

/// The exit code that all of these verdicts come to.
fn end<'a>(verdicts: impl Iterator<Item = (&'a str, Outcome)> + Clone) -> Done {
    let which = |wanted: &[Outcome]| {
        let found = verdicts.clone().filter(|(_, outcome)| wanted.contains(outcome));
        // One may be judged several times.
        let names: Vec<_> = found
            .map(|(name, _)| name)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = which(&[Outcome::Fail]) {
        return Err(CommandError::failed(format!("{names}: not good enough")));
    }
    match which(&[Outcome::Inconclusive, Outcome::Error]) {
        Some(names) => Err(CommandError::new(
            ErrorKind::Inconclusive,
            format!("{names}: nothing can be said"),
        )),
        None => Ok(()),
    }
}
