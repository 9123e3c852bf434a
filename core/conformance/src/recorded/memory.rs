//! Remembers what a call did, and what came of it, while another recorder keeps it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use slipway_plugin::{Begin, Effect, EffectResult, RecordError, Recorder, Ticket};

pub(super) struct Memory {
    recorder: Arc<dyn Recorder>,
    so_far: Mutex<SoFar>,
}

#[derive(Default)]
struct SoFar {
    done: Vec<(Effect, EffectResult)>,
    begun: HashMap<u64, Effect>,
}

impl Memory {
    pub(super) fn of(recorder: Arc<dyn Recorder>) -> Self {
        Self {
            recorder,
            so_far: Mutex::default(),
        }
    }

    /// In the order in which they were done.
    pub(super) fn done(&self) -> Vec<(Effect, EffectResult)> {
        self.lock().done.clone()
    }

    fn keep(&self, ticket: Ticket, result: &EffectResult) {
        let mut so_far = self.lock();
        if let Some(effect) = so_far.begun.remove(&ticket.0) {
            so_far.done.push((effect, result.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, SoFar> {
        // An effect is kept whole or not at all.
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Recorder for Memory {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        let begun = self.recorder.begin(effect.clone()).await?;
        match &begun {
            Begin::Recorded(result) => self.lock().done.push((effect, result.clone())),
            Begin::Perform(ticket) | Begin::Happened(ticket) => {
                drop(self.lock().begun.insert(ticket.0, effect))
            }
        }
        Ok(begun)
    }

    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        self.keep(ticket, result);
        self.recorder.finish(ticket, result).await
    }
}
