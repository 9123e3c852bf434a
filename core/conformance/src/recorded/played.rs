//! Answers a call from what it did before, up to a point.

use std::sync::{Arc, Mutex, PoisonError};

use slipway_plugin::{Begin, Effect, EffectResult, Failure, FailureKind, RecordError, Recorder, Ticket};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    End,
    /// The run is told to stop before this effect.
    Stop(usize),
    /// This effect fails. What the plugin does then may be something else: what it did before is answered as it was, and
    /// anything else cannot be reached.
    Failure(usize),
}

pub(super) struct Played {
    done: Arc<Vec<(Effect, EffectResult)>>,
    until: Until,
    at: Mutex<usize>,
}

impl Played {
    pub(super) fn new(done: &Arc<Vec<(Effect, EffectResult)>>, until: Until) -> Self {
        Self {
            done: done.clone(),
            until,
            at: Mutex::new(0),
        }
    }

    fn next(&self) -> usize {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        *at += 1;
        *at - 1
    }

    fn answer(&self, at: usize, effect: Effect) -> Result<EffectResult, RecordError> {
        match self.until {
            Until::Stop(stop) if at == stop => return Err(RecordError::Stopped),
            Until::Failure(failure) if at == failure => return Ok(unreachable()),
            Until::Failure(failure) if at > failure => {
                let known = self.done.iter().find(|(known, _)| *known == effect);
                return Ok(known.map_or_else(unreachable, |(_, result)| result.clone()));
            }
            _ => {}
        }
        match self.done.get(at) {
            Some((recorded, result)) if *recorded == effect => Ok(result.clone()),
            Some((recorded, _)) => Err(RecordError::NotDeterministic {
                position: at,
                recorded: Box::new(recorded.clone()),
                requested: Box::new(effect),
            }),
            None => Ok(unreachable()),
        }
    }
}

#[async_trait::async_trait]
impl Recorder for Played {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        // Nobody fails these.
        let always = matches!(effect.capability.as_str(), "log" | "progress");
        let at = self.next();
        match self.answer(at, effect) {
            Ok(Err(_)) if always => Ok(Begin::Recorded(Ok(serde_json::Value::Null))),
            answer => answer.map(Begin::Recorded),
        }
    }

    async fn finish(&self, _: Ticket, _: &EffectResult) -> Result<(), RecordError> {
        Ok(())
    }
}

fn unreachable() -> EffectResult {
    Err(Failure::new(FailureKind::Unavailable, "nobody answers"))
}
