//! How effects come to the world: through the record, over a network on which requests and answers get lost.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde_json::Value;
use slipway_model::RunId;
use slipway_plugin::{Begin, Call, Effect, EffectClass, Failure, FailureKind, PluginError};
use tokio::sync::OnceCell;

use crate::{chance::Chance, disk::Disk, process::Process, trace::Trace, world::World};

/// So many in a row at most: what always fails is no fault of a network.
const LOST_IN_A_ROW: u32 = 3;

#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) process: Arc<Process>,
    pub(crate) world: Arc<World>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) chance: Chance,
    pub(crate) trace: Arc<Trace>,
    /// What the process works on.
    pub(crate) run: Arc<OnceCell<RunId>>,
    pub(crate) lost: Arc<AtomicU32>,
}

/// What a plugin does to the outside.
pub(crate) struct Asked {
    pub(crate) plugin: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) class: EffectClass,
    pub(crate) request: Value,
}

impl Wire {
    /// `perform` is told the activity that it is recorded as.
    pub(crate) async fn effect(
        &self,
        call: &Call,
        asked: Asked,
        perform: impl FnOnce(&World, String) -> Result<Value, Failure>,
    ) -> Result<Value, PluginError> {
        let Asked {
            plugin,
            verb,
            class,
            request,
        } = asked;
        let record = |source| PluginError::Record {
            plugin: plugin.to_owned(),
            verb,
            source,
        };
        let effect = Effect {
            capability: plugin.to_owned(),
            operation: verb.to_owned(),
            class,
            request,
        };
        self.process.boundary(verb).await;
        let breaks = self.run.get().and_then(|run| self.world.breaks(run));
        if breaks.is_some_and(|breaks| !breaks.done) {
            return Err(self.broke(plugin, verb));
        }
        let ticket = match call.recorder.begin(effect.clone()).await.map_err(record)? {
            Begin::Recorded(result) => return result.map_err(|failure| answered(plugin, verb, failure)),
            Begin::Happened(ticket) => {
                call.recorder
                    .finish(ticket, &Ok(Value::Null))
                    .await
                    .map_err(record)?;
                return Ok(Value::Null);
            }
            Begin::Perform(ticket) => ticket,
        };
        tokio::time::sleep(self.chance.millis(0..=30)).await;
        self.process.boundary("about to perform").await;
        let result = match self.loses(class) {
            Some(false) => Err(unavailable()),
            Some(true) => {
                let _lost = self.perform(call, &effect, perform);
                Err(unavailable())
            }
            None => self.perform(call, &effect, perform),
        };
        self.process.boundary("performed").await;
        call.recorder.finish(ticket, &result).await.map_err(record)?;
        if breaks.is_some() {
            return Err(self.broke(plugin, verb));
        }
        result.map_err(|failure| answered(plugin, verb, failure))
    }

    /// It traps, or exceeds a limit.
    fn broke(&self, plugin: &str, verb: &'static str) -> PluginError {
        self.trace.say(format_args!("{plugin} breaks in {verb}"));
        PluginError::Broke {
            plugin: plugin.to_owned(),
            verb,
            cause: "it trapped".to_owned(),
        }
    }

    fn perform(
        &self,
        call: &Call,
        effect: &Effect,
        perform: impl FnOnce(&World, String) -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        if effect.class == EffectClass::Read {
            return perform(&self.world, String::new());
        }
        let mut endpoints = call.endpoints.values();
        match endpoints.find_map(|endpoint| endpoint.fence.as_ref()) {
            Some(fence) => self.world.admit(fence.token)?,
            None => self
                .trace
                .violation(format_args!("`{}` comes without a fence", effect.operation)),
        }
        // It is renewed beside what is recorded, and taken away by whoever finds that it has gone off.
        if effect.operation == "guard" {
            return perform(&self.world, String::new());
        }
        self.world.stands()?;
        let recorded = serde_json::to_value(effect).unwrap_or_default();
        let activity = self.run.get().and_then(|run| self.disk.intended(run, &recorded));
        let activity = activity.unwrap_or_else(|| {
            self.trace.violation(format_args!(
                "`{}` has no durable intent: {recorded}",
                effect.operation
            ));
            String::new()
        });
        perform(&self.world, activity)
    }

    /// Whether something gets lost, and whether it is the answer. What must not be repeated is left alone: what came
    /// of it would be for people to find out.
    fn loses(&self, class: EffectClass) -> Option<bool> {
        let lost = self.chance.permille(self.world.scenario.lost);
        if !lost || class == EffectClass::Once || self.lost.fetch_add(1, Ordering::Relaxed) >= LOST_IN_A_ROW {
            self.lost.store(0, Ordering::Relaxed);
            return None;
        }
        Some(self.chance.percent(50))
    }
}

fn answered(plugin: &str, verb: &'static str, failure: Failure) -> PluginError {
    PluginError::Answered {
        plugin: plugin.to_owned(),
        verb,
        failure,
    }
}

fn unavailable() -> Failure {
    Failure::new(FailureKind::Unavailable, "the network has lost it")
}
