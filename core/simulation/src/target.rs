//! A target of the simulated place.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use slipway_model::{Digest, InstanceName};
use slipway_plugin::{
    Call, Change, Claim, EffectClass, Ended, Failure, Instance, InstanceSpec, LogChunk, Name, Need, Place,
    PluginError, Probed, Target, TargetAbilities, TargetDescription, Task,
};

use crate::{
    wire::{Asked, Wire},
    world::World,
};

/// What it is called, and what it asks for.
pub(crate) const SIMULATED: &str = "simulated";

pub(crate) struct SimulatedTarget {
    pub(crate) wire: Wire,
    description: TargetDescription,
}

impl SimulatedTarget {
    pub(crate) fn new(wire: Wire) -> Self {
        let description = TargetDescription {
            name: SIMULATED.to_owned(),
            version: "1".to_owned(),
            summary: String::new(),
            settings_schema: json!({}),
            workloads: vec!["process".to_owned()],
            needs: vec![Need::Endpoint(Name::Is(SIMULATED.to_owned()))],
        };
        Self { wire, description }
    }

    async fn read<T: DeserializeOwned>(
        &self,
        call: &Call,
        (verb, request): (&'static str, Value),
        look: impl FnOnce(&World) -> Value,
    ) -> Result<T, PluginError> {
        let value = self
            .effect(call, (verb, EffectClass::Read), request, |world| Ok(look(world)))
            .await?;
        answered(verb, value)
    }

    async fn effect(
        &self,
        call: &Call,
        (verb, class): (&'static str, EffectClass),
        request: Value,
        perform: impl FnOnce(&World) -> Result<Value, Failure>,
    ) -> Result<Value, PluginError> {
        let asked = Asked {
            plugin: "target",
            verb,
            class,
            request,
        };
        self.wire.effect(call, asked, |world, _| perform(world)).await
    }
}

#[async_trait::async_trait]
impl Target for SimulatedTarget {
    fn describe(&self) -> &TargetDescription {
        &self.description
    }

    async fn abilities(&self, _: Place) -> Result<TargetAbilities, PluginError> {
        let scenario = &self.wire.world.scenario;
        Ok(TargetAbilities {
            side_by_side: scenario.side_by_side,
            in_place: scenario.in_place,
            hold: false,
            guard: true,
            execute: scenario.executes,
        })
    }

    async fn observe(&self, call: Call, _: Place) -> Result<Vec<Instance>, PluginError> {
        self.read(&call, ("observe", Value::Null), |world| json!(world.observe()))
            .await
    }

    async fn plan(&self, _: Call, _: Place, _: Vec<InstanceSpec>) -> Result<Vec<Change>, PluginError> {
        Ok(Vec::new())
    }

    async fn claim(&self, _: Call, _: Place, _: String, _: u32) -> Result<Option<Claim>, PluginError> {
        Ok(None)
    }

    async fn guard(&self, call: Call, _: Place, seconds: u32) -> Result<Option<String>, PluginError> {
        let set = |world: &World| Ok(json!(world.guard(seconds)));
        let answer = self
            .effect(&call, ("guard", EffectClass::Idempotent), json!(seconds), set)
            .await?;
        Ok(answer.as_str().map(str::to_owned))
    }

    async fn start(&self, call: Call, _: Place, instance: InstanceSpec) -> Result<(), PluginError> {
        let request = json!(instance.name);
        let start = |world: &World| {
            world.start(&instance);
            Ok(Value::Null)
        };
        self.effect(&call, ("start", EffectClass::Idempotent), request, start)
            .await
            .map(drop)
    }

    async fn adopt(&self, _: Call, _: Place, _: InstanceSpec, _: bool) -> Result<Vec<Change>, PluginError> {
        Ok(Vec::new())
    }

    async fn probe(
        &self,
        call: Call,
        _: Place,
        name: InstanceName,
        _: String,
        _: Duration,
    ) -> Result<Option<Probed>, PluginError> {
        let look = |world: &World| {
            json!(Probed {
                instance: world.probe(&name),
                next: String::new()
            })
        };
        self.read(&call, ("probe", json!(name)), look).await.map(Some)
    }

    async fn hold(&self, _: Call, _: Place, _: InstanceName, _: bool) -> Result<(), PluginError> {
        Ok(())
    }

    async fn stop(&self, call: Call, _: Place, name: InstanceName) -> Result<(), PluginError> {
        let stop = |world: &World| {
            world.stop(&name);
            Ok(Value::Null)
        };
        self.effect(&call, ("stop", EffectClass::Idempotent), json!(name), stop)
            .await
            .map(drop)
    }

    async fn logs(
        &self,
        call: Call,
        _: Place,
        name: InstanceName,
        cursor: String,
    ) -> Result<LogChunk, PluginError> {
        let after = cursor.parse().unwrap_or(0);
        let look = |world: &World| {
            let (text, next) = world.said(&name, after);
            json!(LogChunk {
                content: text.into_bytes(),
                next: next.to_string(),
                end: true
            })
        };
        self.read(&call, ("logs", json!([name, cursor])), look).await
    }

    async fn cleanup(&self, call: Call, _: Place, revision: Digest) -> Result<(), PluginError> {
        let nothing = |_: &World| Ok(Value::Null);
        self.effect(
            &call,
            ("cleanup", EffectClass::Idempotent),
            json!(revision),
            nothing,
        )
        .await
        .map(drop)
    }

    async fn execute(
        &self,
        call: Call,
        _: Place,
        task: Task,
        begun: bool,
        wait: Duration,
    ) -> Result<Option<Ended>, PluginError> {
        let request = json!([task.name, begun]);
        let execute = |world: &World| Ok(json!(world.execute(&task.name, begun)?));
        let answer = self
            .effect(&call, ("execute", EffectClass::Idempotent), request, execute)
            .await?;
        let ended: Option<Ended> = answered("execute", answer)?;
        if ended.is_none() {
            tokio::time::sleep(wait).await;
        }
        Ok(ended)
    }

    async fn dismiss(&self, call: Call, _: Place, task: Task) -> Result<(), PluginError> {
        let dismiss = |world: &World| {
            world.dismiss(&task.name);
            Ok(Value::Null)
        };
        let request = json!(task.name);
        self.effect(&call, ("dismiss", EffectClass::Idempotent), request, dismiss)
            .await
            .map(drop)
    }
}

fn answered<T: DeserializeOwned>(verb: &'static str, value: Value) -> Result<T, PluginError> {
    serde_json::from_value(value).map_err(|error| PluginError::Broke {
        plugin: SIMULATED.to_owned(),
        verb,
        cause: error.to_string(),
    })
}
