//! A recorder in memory that behaves as the journal does, and can be cut at any boundary.

use std::sync::{Arc, Mutex};

use slipway_plugin::{Begin, Effect, EffectClass, EffectResult, RecordError, Recorder, Ticket};

#[derive(Default)]
pub struct Tape(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    entries: Vec<(Effect, Option<EffectResult>)>,
    position: usize,
    boundary: usize,
    cut: Option<usize>,
    /// Whether an effect that is asked about happened.
    decided: Option<bool>,
}

impl Tape {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A record of these effects, of which nothing came.
    pub fn of(effects: Vec<Effect>) -> Arc<Self> {
        let entries = effects
            .into_iter()
            .map(|effect| (effect, Some(Ok(serde_json::Value::Null))))
            .collect();
        Arc::new(Self(Mutex::new(Inner {
            entries,
            ..Inner::default()
        })))
    }

    /// The same record, read from its beginning; cut at a boundary if one is given. An intent and an outcome have two
    /// boundaries each: before it is kept and after.
    pub fn again(&self, cut: Option<usize>) -> Arc<Self> {
        let entries = self.0.lock().unwrap().entries.clone();
        Arc::new(Self(Mutex::new(Inner {
            entries,
            cut,
            ..Inner::default()
        })))
    }

    /// The same record with an answer to its question.
    pub fn decided(&self, happened: bool) -> Arc<Self> {
        let decided = self.again(None);
        decided.0.lock().unwrap().decided = Some(happened);
        decided
    }

    pub fn effects(&self) -> Vec<Effect> {
        self.0
            .lock()
            .unwrap()
            .entries
            .iter()
            .map(|(effect, _)| effect.clone())
            .collect()
    }

    pub fn outcomes(&self) -> Vec<EffectResult> {
        self.0
            .lock()
            .unwrap()
            .entries
            .iter()
            .filter_map(|(_, outcome)| outcome.clone())
            .collect()
    }

    pub fn boundaries(&self) -> usize {
        self.0.lock().unwrap().boundary
    }
}

impl Inner {
    fn boundary(&mut self) -> Result<(), RecordError> {
        self.boundary += 1;
        if self.cut == Some(self.boundary - 1) {
            Err(RecordError::Stopped)
        } else {
            Ok(())
        }
    }
}

#[async_trait::async_trait]
impl Recorder for Tape {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        let mut inner = self.0.lock().unwrap();
        let position = inner.position;
        if let Some((recorded, outcome)) = inner.entries.get(position).cloned() {
            if recorded != effect {
                let (recorded, requested) = (Box::new(recorded), Box::new(effect));
                return Err(RecordError::NotDeterministic {
                    position,
                    recorded,
                    requested,
                });
            }
            let ticket = Ticket(position as u64);
            inner.position += 1;
            if outcome.is_none() && effect.class == EffectClass::Once {
                return match inner.decided.take() {
                    None => Err(RecordError::Undecided(Box::new(effect))),
                    Some(true) => Ok(Begin::Happened(ticket)),
                    Some(false) => Ok(Begin::Perform(ticket)),
                };
            }
            return Ok(outcome.map_or(Begin::Perform(ticket), Begin::Recorded));
        }
        inner.boundary()?;
        inner.entries.push((effect, None));
        inner.position += 1;
        inner.boundary()?;
        Ok(Begin::Perform(Ticket(position as u64)))
    }

    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        let mut inner = self.0.lock().unwrap();
        inner.boundary()?;
        inner.entries[ticket.0 as usize].1 = Some(result.clone());
        inner.boundary()
    }
}
