//! Answers effects instead of letting them happen, and keeps which there were.

use std::sync::{Mutex, MutexGuard, PoisonError};

use slipway_plugin::{Begin, Effect, EffectResult, RecordError, Recorder, Ticket};

use crate::weather::Weather;

/// Milliseconds since 1970 when a call begins, and how many more it is after each effect.
const BEGIN: u64 = 1_700_000_000_000;
const TICK: u64 = 1000;

pub(crate) struct Tape {
    weather: Weather,
    /// The effect before which the run is told to stop.
    stop_at: Option<usize>,
    so_far: Mutex<SoFar>,
}

struct SoFar {
    effects: Vec<Effect>,
    /// Goes on, so that whoever waits for something has waited long enough some time.
    now: u64,
}

impl Tape {
    pub(crate) fn new(weather: Weather, stop_at: Option<usize>) -> Self {
        Self {
            weather,
            stop_at,
            so_far: Mutex::new(SoFar {
                effects: Vec::new(),
                now: BEGIN,
            }),
        }
    }

    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.lock().effects.clone()
    }

    fn lock(&self) -> MutexGuard<'_, SoFar> {
        // An effect is kept whole or not at all.
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Recorder for Tape {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        let mut so_far = self.lock();
        if self.stop_at == Some(so_far.effects.len()) {
            return Err(RecordError::Stopped);
        }
        let slept = effect.request["ms"]
            .as_u64()
            .filter(|_| effect.capability == "clock");
        so_far.now = so_far.now.saturating_add(slept.unwrap_or(TICK));
        let answer = self.weather.answer(&effect, so_far.now);
        so_far.effects.push(effect);
        Ok(Begin::Recorded(answer))
    }

    async fn finish(&self, _: Ticket, _: &EffectResult) -> Result<(), RecordError> {
        Ok(())
    }
}
