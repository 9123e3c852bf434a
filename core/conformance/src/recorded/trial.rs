//! One call, carried out as it was and then tried in every way in which it can be disturbed.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use slipway_plugin::{Call, PluginError, RecordError};

use super::{
    memory::Memory,
    played::{Played, Until},
};
use crate::Rule;

/// Effects of one call that are disturbed.
const DISTURBED: usize = 50;

pub(super) struct Trial(Mutex<[Rule; 3]>);

impl Default for Trial {
    fn default() -> Self {
        Self(Mutex::new([
            Rule::new("a call of the run ends where the run is told to stop"),
            Rule::new("interrupted anywhere and made again, it does the same and comes to the same"),
            Rule::new("whichever effect fails, the call is answered"),
        ]))
    }
}

impl Trial {
    pub(super) fn rules(&self) -> Vec<Rule> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).to_vec()
    }

    /// What the undisturbed call answers.
    pub(super) async fn of<T, F>(
        &self,
        verb: &'static str,
        call: Call,
        ask: impl Fn(Call) -> F + Send + Sync,
    ) -> Result<T, PluginError>
    where
        T: Serialize,
        F: Future<Output = Result<T, PluginError>> + Send,
    {
        let memory = Arc::new(Memory::of(call.recorder.clone()));
        let mut remembered = call.clone();
        remembered.recorder = memory.clone();
        let answer = ask(remembered).await;
        if matches!(answer, Err(PluginError::Record { .. })) {
            // It goes another way than it went, which the replay tells.
            return answer;
        }
        let done = Arc::new(memory.done());
        let disturbed = |until| {
            let mut call = call.clone();
            call.recorder = Arc::new(Played::new(&done, until));
            ask(call)
        };
        for effect in 0..done.len().min(DISTURBED) {
            let at = || format!("{verb}, at its effect {effect} ({})", done[effect].0);
            let stopped = disturbed(Until::Stop(effect)).await;
            let again = disturbed(Until::End).await;
            let failed = disturbed(Until::Failure(effect)).await;
            let ended = matches!(
                &stopped,
                Err(PluginError::Record {
                    source: RecordError::Stopped,
                    ..
                })
            );
            let answered = matches!(&failed, Ok(_) | Err(PluginError::Answered { .. }));
            let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            rules[0].holds(ended, || format!("{}: {}", at(), said(&stopped)));
            rules[1].holds(document(&again) == document(&answer), || {
                format!("{}: {}", at(), said(&again))
            });
            rules[2].holds(answered, || format!("{}: {}", at(), said(&failed)));
        }
        answer
    }
}

fn document<T: Serialize>(answer: &Result<T, PluginError>) -> Result<Value, String> {
    match answer {
        Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn said<T>(answer: &Result<T, PluginError>) -> String {
    match answer {
        Ok(_) => "it went on".to_owned(),
        Err(error) => error.to_string(),
    }
}
