//! The one way to the outside: an import becomes an effect whose intent is recorded before it is performed and whose
//! outcome is recorded before the plugin is told. What was recorded before an interruption is not performed again.

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use slipway_plugin::{Begin, Effect, EffectClass, Failure, RecordError};

use crate::{
    bindings::imports::types,
    limits::Reached,
    session::{NoEffects, Session},
    words,
};

impl Session {
    /// `perform` is polled only if there is no record of the effect. The outer error ends the call of the plugin: it
    /// cannot catch it.
    pub(crate) async fn effect<T: Serialize + DeserializeOwned>(
        &mut self,
        (capability, operation): (&str, &str),
        class: EffectClass,
        request: Value,
        perform: impl Future<Output = Result<T, Failure>> + Send,
    ) -> wasmtime::Result<Result<T, Failure>> {
        self.effect_or((capability, operation), class, request, perform, || None)
            .await
    }

    /// The same for a capability that has effects of the class `once`: `empty` is its success without an answer, which
    /// the plugin is told of an effect that happened and whose answer was lost.
    pub(crate) async fn effect_or<T: Serialize + DeserializeOwned>(
        &mut self,
        (capability, operation): (&str, &str),
        class: EffectClass,
        request: Value,
        perform: impl Future<Output = Result<T, Failure>> + Send,
        empty: impl FnOnce() -> Option<T> + Send,
    ) -> wasmtime::Result<Result<T, Failure>> {
        let call = self
            .call
            .clone()
            .ok_or_else(|| NoEffects(format!("{capability}.{operation}")))?;
        self.count_effect()?;
        self.count_recorded(weight(&request))?;
        let effect = Effect {
            capability: capability.to_owned(),
            operation: operation.to_owned(),
            class,
            request,
        };
        let told = match call.recorder.begin(effect).await? {
            Begin::Recorded(told) => told,
            Begin::Perform(ticket) => {
                let performed = tokio::time::timeout(self.time_left(), perform).await;
                let outcome = performed.map_err(|_| Reached::seconds("time", self.limits.call))?;
                let told = outcome.and_then(|value| serde_json::to_value(value).map_err(unwritable));
                let told = told.map_err(words::failure);
                call.recorder.finish(ticket, &told).await?;
                told
            }
            Begin::Happened(ticket) => {
                let empty = empty().ok_or_else(|| {
                    RecordError::Journal(format!(
                        "{capability}.{operation} has no answer that could be lost"
                    ))
                })?;
                let told = serde_json::to_value(empty).map_err(unwritable);
                call.recorder.finish(ticket, &told).await?;
                told
            }
        };
        self.count_recorded(told.as_ref().map_or(0, weight))?;
        self.returned();
        match told {
            Ok(value) => serde_json::from_value(value).map(Ok).map_err(|error| {
                let problem = format!("the outcome of {capability}.{operation} cannot be read: {error}");
                RecordError::Journal(problem).into()
            }),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

/// How many bytes of text a document has, about.
fn weight(document: &Value) -> usize {
    const EACH: usize = 8;
    let content: usize = match document {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    EACH + content
}

impl From<types::EffectClass> for EffectClass {
    fn from(class: types::EffectClass) -> Self {
        match class {
            types::EffectClass::Read => Self::Read,
            types::EffectClass::Idempotent => Self::Idempotent,
            types::EffectClass::Once => Self::Once,
        }
    }
}

fn unwritable(error: serde_json::Error) -> Failure {
    Failure::new(
        slipway_plugin::FailureKind::Failed,
        format!("the answer cannot be recorded: {error}"),
    )
}
