//! What happened in one run, in order: its journal without the effects that it is resumed by.

use jiff::Timestamp;
use serde::Serialize;
use slipway_engine::Event;
use slipway_journal::{Entry, Record};

use crate::{Line, Tone, words};

/// One entry of the journal that a person asks about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Happening {
    pub seq: u64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum What {
    Started {
        steps: Vec<String>,
    },
    Reopened {
        by: String,
    },
    /// What was said about an effect that must not be repeated.
    Decided {
        activity: String,
        happened: bool,
        by: String,
    },
    Told {
        event: Box<Event>,
    },
    /// Told by another version, in its words.
    Other {
        kind: String,
        data: serde_json::Value,
    },
    Waiting {
        reason: String,
    },
    Continued {
        reason: String,
    },
    Ended {
        ending: String,
        summary: String,
    },
}

/// Intents and outcomes are left out.
pub fn happenings<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Happening> {
    let happening = |record: &Record| {
        let what = match record.entry.clone() {
            Entry::Intent { .. } | Entry::Outcome { .. } => return None,
            Entry::Started { steps } => What::Started { steps },
            Entry::Reopened { by } => What::Reopened { by },
            Entry::Decided {
                activity,
                happened,
                by,
            } => What::Decided {
                activity,
                happened,
                by,
            },
            Entry::Event { kind, data } => match serde_json::from_value(data.clone()) {
                Ok(event) => What::Told {
                    event: Box::new(event),
                },
                Err(_) => What::Other { kind, data },
            },
            Entry::Waiting { reason } => What::Waiting { reason },
            Entry::Continued { reason } => What::Continued { reason },
            Entry::Ended { ending, summary } => {
                let ending = slipway_journal::RunState::from(ending).as_str().to_owned();
                What::Ended { ending, summary }
            }
        };
        Some(Happening {
            seq: record.seq,
            at: record.at,
            what,
        })
    };
    records.into_iter().filter_map(happening).collect()
}

impl Happening {
    pub fn words(&self) -> Vec<Line> {
        let line = |tone, text| vec![Line { tone, text }];
        match &self.what {
            What::Started { steps } => line(Tone::Dim, format!("started: {}", steps.join(", "))),
            What::Reopened { by } => line(Tone::Note, format!("gone on with by {by}")),
            What::Decided {
                activity,
                happened,
                by,
            } => {
                let what = if *happened {
                    "has happened"
                } else {
                    "has not happened"
                };
                line(Tone::Note, format!("`{activity}` {what}, says {by}"))
            }
            What::Told { event } => words(event),
            What::Other { kind, data } => line(Tone::Plain, format!("{kind}: {data}")),
            What::Waiting { reason } => line(Tone::Note, format!("waiting: {reason}")),
            What::Continued { reason } => line(Tone::Note, format!("going on: {reason}")),
            What::Ended { ending, summary } => {
                let tone = if ending == "succeeded" {
                    Tone::Good
                } else {
                    Tone::Bad
                };
                line(tone, format!("{ending}: {summary}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_journal::{Bodies, Class, Ending};

    use super::*;

    #[test]
    fn a_run_without_its_effects() {
        let event = |data: serde_json::Value| Entry::Event {
            kind: "event".to_owned(),
            data,
        };
        let entries = [
            Entry::Started {
                steps: vec!["deploy".to_owned()],
            },
            event(
                json!({ "event": "step-started", "step": "deploy", "service": "shop", "environment": "prod" }),
            ),
            Entry::Intent {
                activity: "a".to_owned(),
                class: Class::Once,
                request: json!(1),
                bodies: Bodies::new(),
                parent: None,
            },
            Entry::Decided {
                activity: "a".to_owned(),
                happened: true,
                by: "me@here".to_owned(),
            },
            Entry::Outcome {
                activity: "a".to_owned(),
                result: Ok(json!(1)),
                bodies: Bodies::new(),
            },
            event(json!({ "event": "failed", "cause": "no room", "hint": "make some" })),
            event(json!({ "event": "of-a-later-version", "number": 7 })),
            Entry::Waiting {
                reason: "approval".to_owned(),
            },
            Entry::Reopened {
                by: "me@here".to_owned(),
            },
            Entry::Continued {
                reason: "approved".to_owned(),
            },
            Entry::Ended {
                ending: Ending::RolledBack,
                summary: "no room".to_owned(),
            },
        ];
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let records: Vec<_> = (1..)
            .zip(entries)
            .map(|(seq, entry)| Record { seq, at, entry })
            .collect();
        let happened = happenings(&records);
        let lines = happened.iter().flat_map(|happening| {
            happening
                .words()
                .into_iter()
                .map(|Line { tone, text }| format!("{} {tone:?}: {text}\n", happening.seq))
        });
        insta::assert_snapshot!("words", lines.collect::<String>());
        insta::assert_snapshot!("json", serde_json::to_string_pretty(&happened).unwrap());
    }
}
