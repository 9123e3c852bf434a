//! What was done in a run and how each of it went: its steps, the actions of its plan, and the checks and analyses within
//! those. What other programs read of a run is made of these.

use jiff::Timestamp;
use serde::Serialize;
use slipway_engine::{
    Event,
    judge::{Outcome, Verdict},
};

use crate::{Happening, RunLine, What};

/// A run as it stands, with what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub run: RunLine,
    pub happened: Vec<Happening>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// Within which step, or on the way back.
    pub step: String,
    /// The same in every run of the same plan: the position of an action and what it does, and whatever was judged in it.
    pub name: String,
    /// Whether it is a check or an analysis.
    pub judged: bool,
    /// What was to be done, in words.
    pub words: String,
    pub began: Timestamp,
    /// None if nobody knows how it went.
    pub ended: Option<Timestamp>,
    pub went: Went,
    /// Of the entry that says so.
    pub seq: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "went")]
pub enum Went {
    Well {
        why: String,
    },
    /// It was judged, and is not good.
    Failed {
        why: String,
    },
    /// Too little was seen to say.
    Inconclusive {
        why: String,
    },
    /// It could not be done, or not be judged.
    Broken {
        why: String,
    },
    /// The run stands still in the midst of it.
    Open,
}

impl Went {
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Well { .. })
    }

    pub fn why(&self) -> &str {
        match self {
            Self::Well { why } | Self::Failed { why } | Self::Inconclusive { why } | Self::Broken { why } => {
                why
            }
            Self::Open => "the run stands still in the midst of it",
        }
    }
}

impl Account {
    /// In the order in which they ended.
    pub fn cases(&self) -> Vec<Case> {
        let mut reader = Reader::default();
        for happening in &self.happened {
            reader.read(happening);
        }
        reader.close();
        reader.cases
    }

    /// As people name what it is about.
    pub fn title(&self) -> String {
        format!("{} in {}", self.run.service, self.run.environment)
    }
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    step: Option<Open>,
    action: Option<Open>,
    /// The step's name, or that of the way back.
    place: String,
}

/// What has begun.
#[derive(Clone)]
struct Open {
    name: String,
    words: String,
    began: Timestamp,
    seq: u64,
    /// Where the cases within it begin.
    first: usize,
}

/// Of the entry that says it.
#[derive(Clone, Copy)]
struct At {
    time: Timestamp,
    seq: u64,
}

impl Reader {
    fn read(&mut self, happening: &Happening) {
        let at = At {
            time: happening.at,
            seq: happening.seq,
        };
        match &happening.what {
            What::Told { event } => self.event(event, at),
            What::Ended { ending, summary } => {
                if ending != "succeeded" && self.cases.iter().all(|case| case.went.is_well()) {
                    self.broken(summary, at);
                }
                (self.step, self.action) = (None, None);
            }
            _ => {}
        }
    }

    fn event(&mut self, event: &Event, at: At) {
        match event {
            Event::StepStarted { step, service, .. } => {
                self.place.clone_from(step);
                self.step = Some(self.open(step.clone(), format!("{step} {service}"), at));
            }
            Event::StepFinished { summary, .. } => {
                let step = self.step.take();
                self.well(step, summary, at);
            }
            Event::ActionStarted { position, words, .. } => {
                let verb = words.split(' ').next().unwrap_or_default();
                self.action = Some(self.open(format!("{position} {verb}"), words.clone(), at));
            }
            Event::ActionFinished { words, .. } => {
                let action = self.action.take();
                self.well(action, words, at);
            }
            Event::Judged { verdict } => self.judged(verdict, at),
            Event::Failed { cause, hint } => {
                let hint = hint
                    .as_ref()
                    .map_or(String::new(), |hint| format!("\nhelp: {hint}"));
                self.broken(&format!("{cause}{hint}"), at);
                self.action = None;
            }
            Event::RollingBack { .. } => "roll-back".clone_into(&mut self.place),
            _ => {}
        }
    }

    /// Whoever is judged several times within an action is one case, and the last time counts.
    fn judged(&mut self, verdict: &Verdict, at: At) {
        let Some(within) = self.action.clone().or_else(|| self.step.clone()) else {
            return;
        };
        let lines = verdict.lines.iter().map(String::as_str);
        let why = [verdict.detail.as_str()].into_iter().chain(lines);
        let why = why.collect::<Vec<_>>().join("\n");
        let went = match verdict.outcome {
            Outcome::Pass => Went::Well { why },
            Outcome::Fail => Went::Failed { why },
            Outcome::Inconclusive => Went::Inconclusive { why },
            Outcome::Error => Went::Broken { why },
        };
        let name = format!("{}: {}", within.name, verdict.name);
        let case = self.case(&within, name, went, at);
        let case = Case { judged: true, ..case };
        let known = self.cases[within.first..]
            .iter_mut()
            .find(|known| known.name == case.name);
        match known {
            Some(known) => *known = case,
            None => self.cases.push(case),
        }
    }

    /// Nothing is said of what its own cases say.
    fn well(&mut self, ended: Option<Open>, why: &str, at: At) {
        if let Some(ended) = ended.filter(|ended| ended.first == self.cases.len()) {
            let why = why.to_owned();
            let case = self.case(&ended, ended.name.clone(), Went::Well { why }, at);
            self.cases.push(case);
        }
    }

    /// The action that is under way, or the step, or the run; unless it was judged, and not to be good.
    fn broken(&mut self, why: &str, at: At) {
        let run = || self.open("run".to_owned(), "run".to_owned(), at);
        let within = self
            .action
            .clone()
            .or_else(|| self.step.clone())
            .unwrap_or_else(run);
        let told = self.cases[within.first..].iter().any(|case| !case.went.is_well());
        if !told {
            let why = why.to_owned();
            let case = self.case(&within, within.name.clone(), Went::Broken { why }, at);
            self.cases.push(case);
        }
    }

    /// What nobody has ended.
    fn close(&mut self) {
        if let Some(open) = self.action.take().or_else(|| self.step.take()) {
            let at = At {
                time: open.began,
                seq: open.seq,
            };
            let case = self.case(&open, open.name.clone(), Went::Open, at);
            self.cases.push(Case { ended: None, ..case });
        }
    }

    fn open(&self, name: String, words: String, at: At) -> Open {
        Open {
            name,
            words,
            began: at.time,
            seq: at.seq,
            first: self.cases.len(),
        }
    }

    fn case(&self, within: &Open, name: String, went: Went, at: At) -> Case {
        let place = if self.place.is_empty() { "run" } else { &self.place };
        Case {
            step: place.to_owned(),
            name,
            judged: false,
            words: within.words.clone(),
            began: within.began,
            ended: Some(at.time),
            went,
            seq: at.seq,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_journal::Ending;

    use crate::account;

    #[test]
    fn what_was_done_and_how_it_went() {
        let lines: Vec<_> = account::rolled_back().cases().iter().map(line).collect();
        insta::assert_snapshot!("rolled-back", lines.join("\n"));
    }

    #[test]
    fn a_run_that_ended_before_anything_was_told() {
        let refused = account::ended(Ending::Failed, "the environment is frozen");
        let cases = refused.cases();
        assert_eq!(cases.len(), 1);
        let why = "the environment is frozen".to_owned();
        assert_eq!(
            (cases[0].step.as_str(), &cases[0].went),
            ("run", &Went::Broken { why })
        );
        assert_eq!(account::ended(Ending::Succeeded, "").cases(), []);
    }

    #[test]
    fn what_is_under_way_is_open() {
        let mut account = account::rolled_back();
        account.happened.truncate(6);
        let cases = account.cases();
        let last = cases.last().expect("a case");
        assert_eq!((&last.went, last.ended), (&Went::Open, None));
    }

    fn line(case: &Case) -> String {
        let time = case
            .ended
            .map_or(0.0, |ended| case.began.duration_until(ended).as_secs_f64());
        let judged = if case.judged { "judged " } else { "" };
        format!("{} / {} {time} s: {judged}{:?}", case.step, case.name, case.went)
    }
}
