//! The record of one plugin call: its effects, in order, below the activity of the call.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use slipway_journal::{Class, Content, Journal, Parted};
use slipway_plugin::{Begin, Effect, EffectClass, EffectResult, RecordError, Recorder, Ticket};
use tokio_util::sync::CancellationToken;

use super::{Event, Run, again::Again, event::Teller};
use crate::Ambient;

pub(super) struct CallRecorder {
    journal: Arc<Journal>,
    ambient: Arc<dyn Ambient>,
    teller: Teller,
    stop: CancellationToken,
    call: String,
    position: AtomicUsize,
    /// Nothing is performed: what is not in the record does not happen.
    replay: Option<Arc<Again>>,
}

impl CallRecorder {
    pub(super) fn new(run: &Run, call: &str) -> Self {
        Self {
            journal: run.journal.clone(),
            ambient: run.ambient.clone(),
            teller: run.teller.clone(),
            stop: run.stop.clone(),
            call: call.to_owned(),
            position: AtomicUsize::new(0),
            replay: run.replay.clone(),
        }
    }

    fn key(&self, position: usize) -> String {
        format!("{}#{position}", self.call)
    }

    /// What came of it, as it was recorded.
    async fn told(&self, result: Result<Content, Content>) -> Result<EffectResult, RecordError> {
        match result {
            Ok(value) => Ok(Ok(self.journal.load(value).await.map_err(lost)?)),
            Err(failure) => {
                let failure = self.journal.load(failure).await.map_err(lost)?;
                let unreadable =
                    |error| RecordError::Journal(format!("a recorded failure cannot be read: {error}"));
                serde_json::from_value(failure).map(Err).map_err(unreadable)
            }
        }
    }
}

#[async_trait::async_trait]
impl Recorder for CallRecorder {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        let position = self.position.fetch_add(1, Ordering::Relaxed);
        if let Some(text) = warning(&effect) {
            let text = text.to_owned();
            let told = self.teller.tell(Event::Note { text }).await;
            told.map_err(|error| RecordError::Journal(error.to_string()))?;
        }
        let key = self.key(position);
        let ticket = Ticket(position as u64);
        let request = Parted::from(serde_json::to_value(&effect).map_err(unwritable)?);
        // What it was asked is held against the record where that stands: it is large, and nearly always the same.
        let known = self.journal.with_status(|status| {
            let known = status.activity(&key)?;
            let other = (known.request != request.content).then(|| known.request.clone());
            Some((other, known.outcome.clone(), known.decided))
        });
        if let Some((other, outcome, decided)) = known {
            if let Some(recorded) = other {
                let recorded = self.journal.load(recorded).await.map_err(lost)?;
                let recorded = serde_json::from_value(recorded).unwrap_or_else(|_| effect.clone());
                return Err(RecordError::NotDeterministic {
                    position,
                    recorded: Box::new(recorded),
                    requested: Box::new(effect),
                });
            }
            match (outcome, decided) {
                (Some(result), _) => {
                    if let Some(replay) = &self.replay {
                        replay.effects.fetch_add(1, Ordering::Relaxed);
                    }
                    return Ok(Begin::Recorded(self.told(result).await?));
                }
                (None, _) if self.replay.is_some() => return Err(RecordError::Beyond(Box::new(effect))),
                (None, Some(true)) => return Ok(Begin::Happened(ticket)),
                // It is intended anew, so that an interruption from here on is asked about again.
                (None, Some(false)) => {}
                (None, None) if effect.class == EffectClass::Once => {
                    return Err(RecordError::Undecided(Box::new(effect)));
                }
                (None, None) => return Ok(Begin::Perform(ticket)),
            }
        }
        if self.replay.is_some() {
            return Err(RecordError::Beyond(Box::new(effect)));
        }
        if self.stop.is_cancelled() {
            return Err(RecordError::Stopped);
        }
        let class = class(effect.class);
        self.journal
            .intent(self.ambient.now(), &key, class, request, Some(&self.call))
            .await
            .map_err(lost)?;
        Ok(Begin::Perform(ticket))
    }

    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        let result = match result {
            Ok(value) => Ok(value.clone()),
            Err(failure) => Err(serde_json::to_value(failure).map_err(unwritable)?),
        };
        self.journal
            .outcome(self.ambient.now(), &self.key(ticket.0 as usize), result)
            .await
            .map(drop)
            .map_err(lost)
    }
}

/// What a plugin wants people to know.
fn warning(effect: &Effect) -> Option<&str> {
    let field = |name: &str| effect.request.get(name)?.as_str();
    let logs = (effect.capability.as_str(), effect.operation.as_str()) == ("log", "emit");
    let grave = logs && matches!(field("level"), Some("warn" | "error"));
    grave.then(|| field("message"))?
}

fn unwritable(error: serde_json::Error) -> RecordError {
    RecordError::Journal(error.to_string())
}

fn lost(error: slipway_journal::Error) -> RecordError {
    RecordError::Journal(error.to_string())
}

fn class(class: EffectClass) -> Class {
    match class {
        EffectClass::Read => Class::Read,
        EffectClass::Idempotent => Class::Idempotent,
        EffectClass::Once => Class::Once,
    }
}
