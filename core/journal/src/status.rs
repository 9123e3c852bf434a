//! The status of a run: a pure fold over its journal, in which every illegal entry is an error.
//!
//! Rules: `Started` is first and only first, `Ended` last. An outcome answers exactly one open intent. An activity is
//! intended once; again only after an outcome that was an error, and never if its class is `once`. An open intent of a
//! killed run is answered, not intended anew. Only of an open `once` activity a person decides whether it happened: if it
//! did, its outcome is still due; if it did not, it is intended again before anything else comes of it.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Bodies, Class, Content, Entry, Record, RunState, Seq};

/// What is known of a run after some prefix of its journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunStatus {
    last: Seq,
    state: Option<RunState>,
    reason: String,
    activities: IndexMap<String, Activity>,
    children: HashMap<String, Vec<usize>>,
    events: Vec<Event>,
}

/// One effect, or one call of a plugin with effects within.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    pub key: String,
    pub class: Class,
    pub request: Content,
    pub parent: Option<String>,
    /// Of the latest intent.
    pub intent: Seq,
    pub at: Timestamp,
    pub attempts: u32,
    /// `None`: intended, and nobody knows.
    pub outcome: Option<Result<Content, Content>>,
    /// Whether it happened, as a person says, of the latest intent.
    pub decided: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub seq: Seq,
    pub at: Timestamp,
    pub kind: String,
    pub data: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEntry {
    #[error("entry {found} where {expected} is due")]
    Gap { expected: Seq, found: Seq },
    #[error("entry {0} comes before the run has started")]
    NotStarted(Seq),
    #[error("entry {0} starts a run that has started")]
    StartedTwice(Seq),
    #[error("entry {0} comes after the end of the run")]
    Ended(Seq),
    #[error("outcome of `{0}`, which was not intended")]
    OutcomeWithoutIntent(String),
    #[error("second outcome of `{0}`")]
    SecondOutcome(String),
    #[error("`{0}` is intended again while its first outcome is open")]
    IntentWhileOpen(String),
    #[error("`{0}` is intended again although it was done")]
    IntentAfterSuccess(String),
    #[error("`{0}` is intended again although it may happen only once")]
    OnceIntendedAgain(String),
    #[error("`{activity}` is intended again as something else: its class or its parent differs")]
    Changed { activity: String },
    #[error("`{0}` is decided upon, and there is nothing to decide")]
    NothingToDecide(String),
    #[error("outcome of `{0}`, which did not happen")]
    DidNotHappen(String),
    #[error("`{activity}` belongs to `{parent}`, which is not under way")]
    ParentNotOpen { activity: String, parent: String },
}

impl RunStatus {
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<Self, IllegalEntry> {
        let mut status = Self::default();
        records.into_iter().try_for_each(|record| status.apply(record))?;
        Ok(status)
    }

    /// All or nothing: an illegal entry changes nothing.
    pub fn apply(&mut self, record: &Record) -> Result<(), IllegalEntry> {
        self.take(record.clone())
    }

    /// The same for whoever needs the record no more: nothing of it is copied.
    pub fn take(&mut self, record: Record) -> Result<(), IllegalEntry> {
        let Record { seq, at, entry } = record;
        if seq != self.next() {
            return Err(IllegalEntry::Gap {
                expected: self.next(),
                found: seq,
            });
        }
        match (entry, self.state) {
            (Entry::Started { .. }, None) => self.state = Some(RunState::Running),
            (Entry::Started { .. }, Some(_)) => return Err(IllegalEntry::StartedTwice(seq)),
            (_, None) => return Err(IllegalEntry::NotStarted(seq)),
            (_, Some(state)) if state.is_final() => return Err(IllegalEntry::Ended(seq)),
            (
                Entry::Intent {
                    activity,
                    class,
                    request,
                    bodies,
                    parent,
                },
                _,
            ) => {
                let intent = Intent {
                    seq,
                    at,
                    class,
                    request: content(request, bodies),
                    parent,
                };
                self.intend(activity, intent)?;
            }
            (
                Entry::Outcome {
                    activity,
                    result,
                    bodies,
                },
                _,
            ) => self.answer(&activity, result, bodies)?,
            (
                Entry::Decided {
                    activity, happened, ..
                },
                _,
            ) => self.decide(&activity, happened)?,
            (Entry::Event { kind, data }, _) => self.events.push(Event { seq, at, kind, data }),
            (Entry::Waiting { reason }, _) => self.turn(RunState::Waiting, reason),
            (Entry::Continued { reason }, _) => self.turn(RunState::Running, reason),
            (Entry::Ended { ending, summary }, _) => self.turn(ending.into(), summary),
            (Entry::Reopened { .. }, _) => {}
        }
        self.last = seq;
        Ok(())
    }

    /// The number of the last entry.
    pub fn last(&self) -> Seq {
        self.last
    }

    pub fn next(&self) -> Seq {
        self.last + 1
    }

    /// `None` before the first entry.
    pub fn state(&self) -> Option<RunState> {
        self.state
    }

    /// Why it waits, why it went on, or how it ended.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub fn activity(&self, key: &str) -> Option<&Activity> {
        self.activities.get(key)
    }

    /// In the order of their first intents.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        self.activities.values()
    }

    /// Those within a call, in the order of their first intents: what an interrupted call is run again against.
    pub fn children(&self, parent: &str) -> impl Iterator<Item = &Activity> {
        let places = self.children.get(parent).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| &self.activities[*place])
    }

    /// Intended, and nobody knows.
    pub fn open(&self) -> impl Iterator<Item = &Activity> {
        self.activities
            .values()
            .filter(|activity| activity.outcome.is_none())
    }

    /// The `once` activities of which a person has to say whether they happened, in the order of their intents. What is
    /// within a call that has ended is met no more.
    pub fn undecided(&self) -> impl Iterator<Item = &Activity> {
        self.open().filter(|activity| {
            let parent = activity.parent.as_ref().map(|parent| &self.activities[parent]);
            activity.class == Class::Once
                && activity.decided.is_none()
                && parent.is_none_or(|parent| parent.outcome.is_none())
        })
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }

    fn turn(&mut self, state: RunState, reason: String) {
        self.state = Some(state);
        self.reason = reason;
    }

    fn intend(&mut self, key: String, intent: Intent) -> Result<(), IllegalEntry> {
        let Intent {
            seq,
            at,
            class,
            request,
            parent,
        } = intent;
        let is_open = |parent: &String| {
            let parent = self.activities.get(parent);
            parent.is_some_and(|parent| parent.outcome.is_none())
        };
        if let Some(parent) = parent.as_ref().filter(|parent| !is_open(parent)) {
            return Err(IllegalEntry::ParentNotOpen {
                activity: key,
                parent: parent.clone(),
            });
        }
        let Some(known) = self.activities.get_mut(&key) else {
            let place = self.activities.len();
            if let Some(parent) = &parent {
                match self.children.get_mut(parent) {
                    Some(children) => children.push(place),
                    None => drop(self.children.insert(parent.clone(), vec![place])),
                }
            }
            let activity = Activity {
                key: key.clone(),
                class,
                request,
                parent,
                intent: seq,
                at,
                attempts: 1,
                outcome: None,
                decided: None,
            };
            self.activities.insert(key, activity);
            return Ok(());
        };
        let changed = known.class != class || known.parent != parent;
        match (&known.outcome, known.decided) {
            (None, Some(false)) if changed => return Err(IllegalEntry::Changed { activity: key }),
            (None, Some(false)) => {}
            (None, _) => return Err(IllegalEntry::IntentWhileOpen(key)),
            (Some(Ok(_)), _) => return Err(IllegalEntry::IntentAfterSuccess(key)),
            (Some(Err(_)), _) if known.class == Class::Once || class == Class::Once => {
                return Err(IllegalEntry::OnceIntendedAgain(key));
            }
            (Some(Err(_)), _) if changed => return Err(IllegalEntry::Changed { activity: key }),
            (Some(Err(_)), _) => {}
        }
        known.request = request;
        known.intent = seq;
        known.at = at;
        known.attempts += 1;
        known.outcome = None;
        known.decided = None;
        Ok(())
    }

    fn answer(
        &mut self,
        key: &str,
        result: Result<Value, Value>,
        bodies: Bodies,
    ) -> Result<(), IllegalEntry> {
        let known = self
            .activities
            .get_mut(key)
            .ok_or_else(|| IllegalEntry::OutcomeWithoutIntent(key.to_owned()))?;
        if known.outcome.is_some() {
            return Err(IllegalEntry::SecondOutcome(key.to_owned()));
        }
        if known.decided == Some(false) {
            return Err(IllegalEntry::DidNotHappen(key.to_owned()));
        }
        known.outcome = Some(match result {
            Ok(value) => Ok(content(value, bodies)),
            Err(error) => Err(content(error, bodies)),
        });
        Ok(())
    }

    fn decide(&mut self, key: &str, happened: bool) -> Result<(), IllegalEntry> {
        let known = self
            .activities
            .get_mut(key)
            .filter(|known| known.class == Class::Once && known.outcome.is_none() && known.decided.is_none());
        let known = known.ok_or_else(|| IllegalEntry::NothingToDecide(key.to_owned()))?;
        known.decided = Some(happened);
        Ok(())
    }
}

struct Intent {
    seq: Seq,
    at: Timestamp,
    class: Class,
    request: Content,
    parent: Option<String>,
}

fn content(value: Value, bodies: Bodies) -> Content {
    Content { value, bodies }
}
