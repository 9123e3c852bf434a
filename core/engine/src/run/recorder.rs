//! The record of one plugin call: its effects, in order, below the activity of the call.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;
use slipway_journal::{Class, Journal};
use slipway_plugin::{Begin, Effect, EffectClass, EffectResult, RecordError, Recorder, Ticket};
use tokio_util::sync::CancellationToken;

use super::Run;
use crate::Ambient;

pub(super) struct CallRecorder {
    journal: Arc<Journal>,
    ambient: Arc<dyn Ambient>,
    stop: CancellationToken,
    call: String,
    position: AtomicUsize,
}

impl CallRecorder {
    pub(super) fn new(run: &Run, call: &str) -> Self {
        Self {
            journal: run.journal.clone(),
            ambient: run.ambient.clone(),
            stop: run.stop.clone(),
            call: call.to_owned(),
            position: AtomicUsize::new(0),
        }
    }

    fn key(&self, position: usize) -> String {
        format!("{}#{position}", self.call)
    }
}

#[async_trait::async_trait]
impl Recorder for CallRecorder {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        let position = self.position.fetch_add(1, Ordering::Relaxed);
        let key = self.key(position);
        let ticket = Begin::Perform(Ticket(position as u64));
        let request =
            serde_json::to_value(&effect).map_err(|error| RecordError::Journal(error.to_string()))?;
        let known = self.journal.with_status(|status| {
            status
                .activity(&key)
                .map(|known| (known.request.clone(), known.outcome.clone()))
        });
        if let Some((recorded, outcome)) = known {
            if recorded != request {
                let recorded = serde_json::from_value(recorded).unwrap_or_else(|_| effect.clone());
                return Err(RecordError::NotDeterministic {
                    position,
                    recorded: Box::new(recorded),
                    requested: Box::new(effect),
                });
            }
            return match outcome {
                Some(result) => Ok(Begin::Recorded(answer(result)?)),
                None if effect.class == EffectClass::Once => Err(RecordError::Undecided(Box::new(effect))),
                None => Ok(ticket),
            };
        }
        if self.stop.is_cancelled() {
            return Err(RecordError::Stopped);
        }
        self.journal
            .intent(
                self.ambient.now(),
                &key,
                class(effect.class),
                request,
                Some(&self.call),
            )
            .await
            .map_err(|error| RecordError::Journal(error.to_string()))?;
        Ok(ticket)
    }

    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        let unwritable = |error: serde_json::Error| RecordError::Journal(error.to_string());
        let result = match result {
            Ok(value) => Ok(value.clone()),
            Err(failure) => Err(serde_json::to_value(failure).map_err(unwritable)?),
        };
        self.journal
            .outcome(self.ambient.now(), &self.key(ticket.0 as usize), result)
            .await
            .map(|_| ())
            .map_err(|error| RecordError::Journal(error.to_string()))
    }
}

fn answer(result: Result<Value, Value>) -> Result<EffectResult, RecordError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(failure) => serde_json::from_value(failure)
            .map(Err)
            .map_err(|error| RecordError::Journal(format!("a recorded failure cannot be read: {error}"))),
    }
}

fn class(class: EffectClass) -> Class {
    match class {
        EffectClass::Read => Class::Read,
        EffectClass::Idempotent => Class::Idempotent,
        EffectClass::Once => Class::Once,
    }
}
