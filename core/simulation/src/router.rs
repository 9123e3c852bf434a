//! A router of the simulated place; it may tell somebody of each route, which must not be told twice.

use serde_json::{Value, json};
use slipway_model::InstanceName;
use slipway_plugin::{
    Call, EffectClass, LogChunk, Name, Need, ObservedRoute, Place, PluginError, Router, RouterAbilities,
    RouterDescription, Routing,
};

use crate::{
    target::SIMULATED,
    wire::{Asked, Wire},
    world::World,
};

pub(crate) struct SimulatedRouter {
    wire: Wire,
    description: RouterDescription,
}

impl SimulatedRouter {
    pub(crate) fn new(wire: Wire) -> Self {
        let description = RouterDescription {
            name: SIMULATED.to_owned(),
            version: "1".to_owned(),
            summary: String::new(),
            settings_schema: json!({}),
            needs: vec![Need::Endpoint(Name::Is(SIMULATED.to_owned()))],
        };
        Self { wire, description }
    }
}

fn asked(verb: &'static str, class: EffectClass, request: Value) -> Asked {
    Asked {
        plugin: "router",
        verb,
        class,
        request,
    }
}

#[async_trait::async_trait]
impl Router for SimulatedRouter {
    fn describe(&self) -> &RouterDescription {
        &self.description
    }

    async fn abilities(&self, _: Place) -> Result<RouterAbilities, PluginError> {
        let weights = self.wire.world.scenario.weights;
        Ok(RouterAbilities {
            weights,
            preview: false,
            baseline: weights && self.wire.world.scenario.asks_plugin,
        })
    }

    async fn port(&self, _: Call, _: Place) -> Result<String, PluginError> {
        Ok("http".to_owned())
    }

    async fn observe(&self, call: Call, _: Place) -> Result<ObservedRoute, PluginError> {
        let asked = asked("flows", EffectClass::Read, Value::Null);
        let flows = |world: &World, _| Ok(json!(world.flows()));
        let flows = self.wire.effect(&call, asked, flows).await?;
        Ok(serde_json::from_value(flows).unwrap_or_default())
    }

    async fn route(&self, call: Call, _: Place, routing: Routing) -> Result<(), PluginError> {
        if self.wire.world.scenario.announces {
            let announced = asked("announce", EffectClass::Once, json!(routing));
            let run = self.wire.run.clone();
            let announce = |world: &World, activity| {
                if let Some(run) = run.get() {
                    world.announce(run, activity);
                }
                Ok(Value::Null)
            };
            self.wire.effect(&call, announced, announce).await?;
        }
        let asked = asked("route", EffectClass::Idempotent, json!(routing));
        let route = |world: &World, _| {
            world.route(routing);
            Ok(Value::Null)
        };
        self.wire.effect(&call, asked, route).await.map(drop)
    }

    async fn drain(&self, call: Call, _: Place, instance: InstanceName) -> Result<u64, PluginError> {
        let asked = asked("drain", EffectClass::Read, json!(instance));
        self.wire
            .effect(&call, asked, |_, _| Ok(json!(0)))
            .await
            .map(|_| 0)
    }

    async fn logs(&self, _: Call, _: Place, cursor: String) -> Result<LogChunk, PluginError> {
        Ok(LogChunk {
            content: Vec::new(),
            next: cursor,
            end: true,
        })
    }

    async fn metrics(&self, _: Call, _: Place) -> Result<String, PluginError> {
        Ok(String::new())
    }

    async fn remove(&self, call: Call, _: Place) -> Result<(), PluginError> {
        let asked = asked("remove", EffectClass::Idempotent, Value::Null);
        let remove = |world: &World, _| {
            world.route(Routing::default());
            Ok(Value::Null)
        };
        self.wire.effect(&call, asked, remove).await.map(drop)
    }
}
