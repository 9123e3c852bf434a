//! Users of a namespace, sent to instances by the routers' components, as the engine does it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use slipway_plugin::{Backend, Instance, ObservedRoute, PluginError, Plugins as _, Router, Routing, Share};

use super::Site;

impl Site<'_> {
    pub async fn router(&self, plugin: &str) -> Arc<dyn Router> {
        self.host.router(plugin).await.expect("the plugin is a router")
    }

    /// Sends users to instances by weight, as the engine does.
    pub async fn route(
        &self,
        plugin: &str,
        settings: &Value,
        shares: &[(&Instance, u32)],
        preview: Option<&Instance>,
    ) {
        let sent = self.send(plugin, settings, shares, preview).await;
        sent.expect("users can be sent");
    }

    /// The same, which may be refused.
    pub async fn try_route(
        &self,
        plugin: &str,
        settings: &Value,
        shares: &[(&Instance, u32)],
    ) -> Result<(), PluginError> {
        self.send(plugin, settings, shares, None).await
    }

    async fn send(
        &self,
        plugin: &str,
        settings: &Value,
        shares: &[(&Instance, u32)],
        preview: Option<&Instance>,
    ) -> Result<(), PluginError> {
        let (router, place) = (self.router(plugin).await, self.place(settings));
        let port = router.port(self.call(), place.clone()).await.expect("a port");
        let share = |(instance, weight): &(&Instance, u32)| {
            let address = instance
                .ports
                .iter()
                .find(|found| found.name == port)
                .expect("the port is there");
            let backend = Backend {
                instance: instance.name.clone(),
                address: address.address.clone(),
            };
            Share {
                revision: instance.revision,
                baseline: None,
                weight: *weight,
                backends: vec![backend],
            }
        };
        let shares = shares.iter().map(share).collect();
        let routing = Routing {
            shares,
            preview: preview.map(|instance| instance.revision),
        };
        router.route(self.call(), place, routing).await
    }

    pub async fn routed(&self, plugin: &str, settings: &Value) -> ObservedRoute {
        self.router(plugin)
            .await
            .observe(self.call(), self.place(settings))
            .await
            .expect("a route can be seen")
    }

    pub async fn drained(&self, plugin: &str, settings: &Value, instance: &Instance) {
        let (router, place) = (self.router(plugin).await, self.place(settings));
        let began = Instant::now();
        while router
            .drain(self.call(), place.clone(), instance.name.clone())
            .await
            .expect("an answer")
            > 0
        {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{} is not drained",
                instance.name
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
