//! The spans of a run, read from its journal in order.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use slipway_engine::Event;
use slipway_journal::{Class, Ending, Entry, Record};

use super::value::Attributes;

pub(super) struct Span {
    /// Within the run; the run's own is empty.
    pub(super) key: String,
    pub(super) within: Option<String>,
    pub(super) name: String,
    pub(super) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// None if nobody knows.
    pub(super) well: Option<bool>,
    /// Why not.
    pub(super) why: String,
    pub(super) about: Attributes,
    /// Whoever has gone on with it, or what it has waited for.
    pub(super) events: Vec<(Timestamp, String)>,
}

/// The run's own comes first.
pub(super) fn spans<'a>(name: String, records: impl IntoIterator<Item = &'a Record>) -> Vec<Span> {
    let mut reader = Reader {
        name,
        ..Reader::default()
    };
    for record in records {
        reader.read(record);
    }
    reader.spans
}

#[derive(Default)]
struct Reader {
    name: String,
    spans: Vec<Span>,
    step: Option<usize>,
    action: Option<usize>,
    /// By key.
    activities: HashMap<String, usize>,
}

impl Reader {
    fn read(&mut self, Record { seq, at, entry }: &Record) {
        match entry {
            Entry::Started { steps } => {
                let name = self.name.clone();
                self.begin(
                    String::new(),
                    None,
                    name,
                    *at,
                    vec![("slipway.steps", steps.join(","))],
                );
            }
            Entry::Reopened { .. } => self.event(*at, "gone on with"),
            Entry::Decided { .. } => self.event(*at, "decided"),
            Entry::Waiting { .. } => self.event(*at, "waiting"),
            Entry::Continued { .. } => self.event(*at, "going on"),
            Entry::Event { data, .. } => {
                if let Ok(event) = serde_json::from_value(data.clone()) {
                    self.told(&event, *at, *seq);
                }
            }
            Entry::Intent {
                activity,
                class,
                request,
                parent,
                ..
            } => self.intent(activity, (*class, request, parent.as_deref()), *at),
            Entry::Outcome { activity, result, .. } => {
                if let Some(position) = self.activities.get(activity) {
                    self.end(*position, *at, result.is_ok(), "");
                }
            }
            Entry::Ended { ending, summary } => {
                let well = *ending == Ending::Succeeded;
                let why = if well { "" } else { summary };
                for open in [self.action.take(), self.step.take(), Some(0)]
                    .into_iter()
                    .flatten()
                {
                    self.end(open, *at, well, why);
                }
            }
        }
    }

    fn told(&mut self, event: &Event, at: Timestamp, seq: u64) {
        match event {
            Event::StepStarted { step, .. } => {
                let key = format!("step {seq}");
                self.step = Some(self.begin(key, Some(0), step.clone(), at, Vec::new()));
            }
            Event::StepFinished { .. } => {
                if let Some(step) = self.step.take() {
                    self.end(step, at, true, "");
                }
            }
            Event::ActionStarted { position, words, .. } => {
                let about = vec![
                    ("slipway.action", words.clone()),
                    ("slipway.position", position.to_string()),
                ];
                let name = words.split(' ').next().unwrap_or_default().to_owned();
                let within = self.step.or(Some(0));
                self.action = Some(self.begin(format!("action {seq}"), within, name, at, about));
            }
            Event::ActionFinished { .. } => {
                if let Some(action) = self.action.take() {
                    self.end(action, at, true, "");
                }
            }
            Event::Failed { cause, .. } => {
                if let Some(action) = self.action.take() {
                    self.end(action, at, false, cause);
                }
            }
            Event::Judged { verdict } => {
                let what = format!("{}: {}", verdict.name, verdict.outcome.word());
                let open = self.action.or(self.step).unwrap_or(0);
                self.at(open, |span| span.events.push((at, what)));
            }
            Event::RollingBack { .. } => self.event(at, "rolling back"),
            _ => {}
        }
    }

    /// Its name is what it does; its key says for what.
    fn intent(&mut self, key: &str, (class, request, parent): (Class, &Value, Option<&str>), at: Timestamp) {
        if self.activities.contains_key(key) {
            return;
        }
        let within = parent.and_then(|parent| self.activities.get(parent).copied());
        let within = within.or(self.action).or(self.step).unwrap_or(0);
        let said = |field: &str| request.get(field).and_then(Value::as_str);
        let name = match (said("capability"), said("operation")) {
            (Some(capability), Some(operation)) => format!("{capability} {operation}"),
            _ => key.rsplit('/').next().unwrap_or(key).to_owned(),
        };
        let class = match class {
            Class::Read => "read",
            Class::Idempotent => "idempotent",
            Class::Once => "once",
        };
        let about = vec![
            ("slipway.activity", key.to_owned()),
            ("slipway.class", class.to_owned()),
        ];
        let position = self.begin(format!("activity {key}"), Some(within), name, at, about);
        self.activities.insert(key.to_owned(), position);
    }

    fn begin(
        &mut self,
        key: String,
        within: Option<usize>,
        name: String,
        began: Timestamp,
        about: Attributes,
    ) -> usize {
        let within = within.and_then(|within| Some(self.spans.get(within)?.key.clone()));
        self.spans.push(Span {
            key,
            within,
            name,
            began,
            ended: None,
            well: None,
            why: String::new(),
            about,
            events: Vec::new(),
        });
        self.spans.len() - 1
    }

    fn end(&mut self, position: usize, at: Timestamp, well: bool, why: &str) {
        self.at(position, |span| {
            (span.ended, span.well) = (Some(at), Some(well));
            why.clone_into(&mut span.why);
        });
    }

    /// Of the whole run.
    fn event(&mut self, at: Timestamp, what: &str) {
        self.at(0, |span| span.events.push((at, what.to_owned())));
    }

    fn at(&mut self, position: usize, change: impl FnOnce(&mut Span)) {
        if let Some(span) = self.spans.get_mut(position) {
            change(span);
        }
    }
}
