//! Routers.

use slipway_model::{Baseline, InstanceName};
use slipway_plugin::{
    Call, Flow, LogChunk, ObservedRoute, Place, PluginError, Router, RouterAbilities, RouterDescription,
    Routing, Share,
};

use crate::{
    bindings::{imports::types, router as wit},
    loaded::{Guest, Loaded, Turn},
    roles::convert::{ask, needs, parsed, schema, told},
    session::Session,
    words,
};

pub(crate) struct RouterPlugin {
    plugin: Loaded,
    guest: Guest<wit::RouterPluginPre<Session>>,
    description: RouterDescription,
}

impl RouterPlugin {
    pub(crate) async fn load(plugin: Loaded) -> Result<Self, PluginError> {
        let guest = plugin.guest(wit::RouterPluginPre::new)?;
        let mut turn = plugin.turn("describe", None)?;
        let told = told!(guest, turn, slipway_plugin_router.call_describe());
        let told = turn.end(told)?;
        let description = RouterDescription {
            settings_schema: schema(&turn, &told.settings_schema)?,
            name: words::name(&told.name),
            version: words::name(&told.version),
            summary: words::line(&told.summary),
            needs: needs(&plugin, &told.needs)?,
        };
        Ok(Self {
            plugin,
            guest,
            description,
        })
    }
}

#[async_trait::async_trait]
impl Router for RouterPlugin {
    fn describe(&self) -> &RouterDescription {
        &self.description
    }

    async fn abilities(&self, place: Place) -> Result<RouterAbilities, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            None,
            "abilities",
            slipway_plugin_router.call_abilities(&place)
        );
        Ok(RouterAbilities {
            weights: told.weights,
            preview: told.preview,
            baseline: told.baseline,
        })
    }

    async fn port(&self, call: Call, place: Place) -> Result<String, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(self, call, "port", slipway_plugin_router.call_port(&place));
        Ok(told)
    }

    async fn observe(&self, call: Call, place: Place) -> Result<ObservedRoute, PluginError> {
        let place = types::Place::from(&place);
        let (turn, told) = ask!(self, call, "observe", slipway_plugin_router.call_observe(&place));
        Ok(ObservedRoute {
            address: told.address.as_deref().map(words::line),
            preview_address: told.preview_address.as_deref().map(words::line),
            flows: told
                .flows
                .into_iter()
                .map(|told| flow(&turn, told))
                .collect::<Result<_, _>>()?,
        })
    }

    async fn route(&self, call: Call, place: Place, routing: Routing) -> Result<(), PluginError> {
        let (place, routing) = (types::Place::from(&place), wit::Routing::from(&routing));
        let (_, told) = ask!(
            self,
            call,
            "route",
            slipway_plugin_router.call_route(&place, &routing)
        );
        Ok(told)
    }

    async fn drain(&self, call: Call, place: Place, instance: InstanceName) -> Result<u64, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "drain",
            slipway_plugin_router.call_drain(&place, instance.as_str())
        );
        Ok(told)
    }

    async fn logs(&self, call: Call, place: Place, cursor: String) -> Result<LogChunk, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "logs",
            slipway_plugin_router.call_logs(&place, &cursor)
        );
        Ok(LogChunk {
            content: told.content,
            next: told.next,
            end: told.end,
        })
    }

    async fn metrics(&self, call: Call, place: Place) -> Result<String, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(self, call, "metrics", slipway_plugin_router.call_metrics(&place));
        Ok(told)
    }

    async fn remove(&self, call: Call, place: Place) -> Result<(), PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(self, call, "remove", slipway_plugin_router.call_remove(&place));
        Ok(told)
    }
}

fn flow(turn: &Turn, told: wit::Flow) -> Result<Flow, PluginError> {
    Ok(Flow {
        revision: parsed(turn, "revision", &told.revision)?,
        instance: parsed(turn, "instance", &told.instance)?,
        weight: told.weight,
        in_flight: told.in_flight,
    })
}

impl From<&Routing> for wit::Routing {
    fn from(routing: &Routing) -> Self {
        Self {
            shares: routing.shares.iter().map(wit::Share::from).collect(),
            preview: routing.preview.map(|revision| revision.to_string()),
        }
    }
}

impl From<&Share> for wit::Share {
    fn from(share: &Share) -> Self {
        let backend = |backend: &slipway_plugin::Backend| wit::Backend {
            instance: backend.instance.to_string(),
            address: backend.address.clone(),
        };
        let baseline = |baseline: &Baseline| wit::Baseline {
            weight: baseline.weight,
            instances: baseline.instances.iter().map(ToString::to_string).collect(),
        };
        Self {
            revision: share.revision.to_string(),
            weight: share.weight,
            backends: share.backends.iter().map(backend).collect(),
            baseline: share.baseline.as_ref().map(baseline),
        }
    }
}
