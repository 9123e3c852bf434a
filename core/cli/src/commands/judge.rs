//! `slipway judge`.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use slipway_judge::{Direction, Groups, Judgement, Look, Outcome, Series, Settings, judge};
use slipway_report::table;

use super::Done;
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};

/// Say whether a series of measurements is worse than another one, as the judge of a run would
///
/// The file has the header `group,metric,kind,value,total`. A group is `stable` (what users have) or `candidate`. A row of
/// kind `value` is one sample; one of kind `count` says how many events (`value`) there were out of how many (`total`).
/// The exit code is 0 if all metrics pass, 1 if one fails, and 9 if one cannot be judged.
#[derive(Debug, Args)]
pub(crate) struct Judge {
    /// The series; `-` reads them from standard input
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// How sure it has to be that a candidate is worse before it fails, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = Settings::default().confidence * 100.0)]
    confidence: f64,
    /// How much worse is nothing to fail for, in percent of what users have
    #[arg(long, value_name = "PERCENT", default_value_t = Settings::default().tolerance * 100.0)]
    tolerance: f64,
    /// Fewer samples, or fewer of all that could have been events, are too little to pass
    #[arg(long, value_name = "NUMBER", default_value_t = Settings::default().min_sample)]
    min_sample: u64,
    /// Which way is better
    #[arg(long, value_enum, default_value_t = Way::Lower)]
    better: Way,
    /// The least mean, or share of events, that passes
    #[arg(long, value_name = "NUMBER")]
    min: Option<f64>,
    /// The greatest mean, or share of events, that passes
    #[arg(long, value_name = "NUMBER")]
    max: Option<f64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    Lower,
    Higher,
}

#[derive(Serialize)]
struct Judged {
    metric: String,
    #[serde(flatten)]
    judgement: Judgement,
}

impl Judge {
    pub(crate) fn run(self, context: &Context) -> Done {
        let settings = self.settings()?;
        let judged: Vec<_> = read(&self.file)?
            .into_iter()
            .map(|(metric, groups)| {
                let nothing = Series::Value(Vec::new());
                let candidate = groups.candidate.as_ref().unwrap_or(&nothing);
                let judgement = judge(&settings, Look::Only, candidate, groups.stable.as_ref());
                Judged { metric, judgement }
            })
            .collect();
        let answer = json!({ "settings": settings, "metrics": judged });
        context.ui.answer(&answer, || {
            let row = |judged: &Judged| {
                let Judgement { outcome, reason, .. } = &judged.judgement;
                vec![judged.metric.clone(), outcome.word().to_owned(), reason.clone()]
            };
            table(
                &["METRIC", "VERDICT", "WHY"],
                &judged.iter().map(row).collect::<Vec<_>>(),
            )
        });
        let which = |outcome: Outcome| {
            let found = judged.iter().filter(|judged| judged.judgement.outcome == outcome);
            let names: Vec<_> = found.map(|judged| judged.metric.as_str()).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        if let Some(names) = which(Outcome::Fail) {
            return Err(CommandError::failed(format!("{names}: not good enough")));
        }
        match which(Outcome::Inconclusive) {
            Some(names) => Err(CommandError::new(
                ErrorKind::Inconclusive,
                format!("{names}: nothing can be said"),
            )),
            None => Ok(()),
        }
    }

    fn settings(&self) -> Result<Settings, CommandError> {
        if !(50.0..100.0).contains(&self.confidence) {
            return Err(CommandError::usage(
                "--confidence is at least 50 and less than 100",
            ));
        }
        if !(0.0..=f64::MAX).contains(&self.tolerance) {
            return Err(CommandError::usage("--tolerance is at least 0"));
        }
        Ok(Settings {
            min: self.min,
            max: self.max,
            against_stable: true,
            direction: match self.better {
                Way::Lower => Direction::LowerIsBetter,
                Way::Higher => Direction::HigherIsBetter,
            },
            confidence: self.confidence / 100.0,
            tolerance: self.tolerance / 100.0,
            min_sample: self.min_sample,
        })
    }
}

fn read(file: &Path) -> Result<slipway_judge::Csv, CommandError> {
    let found = if file == Path::new("-") {
        Groups::read(io::stdin().lock())
    } else {
        let open = File::open(file);
        let open =
            open.map_err(|error| CommandError::failed(format!("cannot read {}: {error}", file.display())))?;
        Groups::read(open)
    };
    let found = found.map_err(|error| invalid(file, &error.to_string()))?;
    if found.is_empty() {
        return Err(invalid(file, "there is nothing to judge"));
    }
    Ok(found)
}

fn invalid(file: &Path, why: &str) -> CommandError {
    CommandError::new(ErrorKind::Invalid, format!("{}: {why}", file.display()))
}
