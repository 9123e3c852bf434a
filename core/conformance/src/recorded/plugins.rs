//! The plugins of a replay, one of which is tried.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use slipway_model::{Digest, InstanceName};
use slipway_plugin::{
    Artifact, Call, Change, Check, CheckDescription, Claim, Ended, File, Finding, Format, FormatDescription,
    Inspection, Instance, InstanceSpec, Kind, LogChunk, ObservedRoute, Place, PluginError, PluginInfo,
    Plugins, Probed, RenderInput, Rendered, Resolved, Router, RouterAbilities, RouterDescription, Routing,
    Subject, Target, TargetAbilities, TargetDescription, Task,
};

use super::trial::Trial;
use crate::Rule;

/// As the others are, but for the plugin that is tried wherever it is called.
pub struct Tried {
    plugins: Arc<dyn Plugins>,
    tried: (Kind, String),
    trial: Arc<Trial>,
}

struct One<P: ?Sized> {
    trial: Arc<Trial>,
    plugin: Arc<P>,
}

impl Tried {
    pub fn new(plugins: Arc<dyn Plugins>, kind: Kind, name: &str) -> Self {
        Self {
            plugins,
            tried: (kind, name.to_owned()),
            trial: Arc::default(),
        }
    }

    /// How it kept them, once the run has been replayed; and why that stopped, if it did.
    pub fn rules(&self, stopped: Option<String>) -> Vec<Rule> {
        let mut same = Rule::new("the run goes as it went");
        same.holds(stopped.is_none(), || stopped.unwrap_or_default());
        [vec![same], self.trial.rules()].concat()
    }

    fn is_tried(&self, kind: Kind, name: &str) -> bool {
        self.tried.0 == kind && self.tried.1 == name
    }

    fn one<P: ?Sized>(&self, plugin: Arc<P>) -> Arc<One<P>> {
        let trial = self.trial.clone();
        Arc::new(One { trial, plugin })
    }
}

#[async_trait::async_trait]
impl Plugins for Tried {
    async fn format(&self, name: &str) -> Result<Arc<dyn Format>, PluginError> {
        let plugin = self.plugins.format(name).await?;
        match self.is_tried(Kind::Format, name) {
            true => Ok(self.one(plugin)),
            false => Ok(plugin),
        }
    }

    async fn target(&self, name: &str) -> Result<Arc<dyn Target>, PluginError> {
        let plugin = self.plugins.target(name).await?;
        match self.is_tried(Kind::Target, name) {
            true => Ok(self.one(plugin)),
            false => Ok(plugin),
        }
    }

    async fn router(&self, name: &str) -> Result<Arc<dyn Router>, PluginError> {
        let plugin = self.plugins.router(name).await?;
        match self.is_tried(Kind::Router, name) {
            true => Ok(self.one(plugin)),
            false => Ok(plugin),
        }
    }

    async fn check(&self, name: &str) -> Result<Arc<dyn Check>, PluginError> {
        let plugin = self.plugins.check(name).await?;
        match self.is_tried(Kind::Check, name) {
            true => Ok(self.one(plugin)),
            false => Ok(plugin),
        }
    }

    fn list(&self) -> Vec<PluginInfo> {
        self.plugins.list()
    }

    async fn settings_schema(&self, kind: Kind, name: &str) -> Result<Value, PluginError> {
        self.plugins.settings_schema(kind, name).await
    }
}

#[async_trait::async_trait]
impl Format for One<dyn Format> {
    fn describe(&self) -> &FormatDescription {
        self.plugin.describe()
    }

    async fn inspect(
        &self,
        call: Call,
        artifact: Artifact,
        brought: Vec<Resolved>,
    ) -> Result<Inspection, PluginError> {
        let ask = |call| self.plugin.inspect(call, artifact.clone(), brought.clone());
        self.trial.of("inspect", call, ask).await
    }

    async fn assemble(&self, call: Call, artifact: Artifact, facts: Value) -> Result<Vec<File>, PluginError> {
        let ask = |call| self.plugin.assemble(call, artifact.clone(), facts.clone());
        self.trial.of("assemble", call, ask).await
    }

    async fn render(&self, call: Call, input: RenderInput) -> Result<Rendered, PluginError> {
        let ask = |call| self.plugin.render(call, input.clone());
        self.trial.of("render", call, ask).await
    }

    async fn show(&self, call: Call, input: RenderInput) -> Result<Vec<u8>, PluginError> {
        let ask = |call| self.plugin.show(call, input.clone());
        self.trial.of("show", call, ask).await
    }
}

#[async_trait::async_trait]
impl Target for One<dyn Target> {
    fn describe(&self) -> &TargetDescription {
        self.plugin.describe()
    }

    async fn abilities(&self, place: Place) -> Result<TargetAbilities, PluginError> {
        self.plugin.abilities(place).await
    }

    async fn observe(&self, call: Call, place: Place) -> Result<Vec<Instance>, PluginError> {
        let ask = |call| self.plugin.observe(call, place.clone());
        self.trial.of("observe", call, ask).await
    }

    async fn plan(
        &self,
        call: Call,
        place: Place,
        desired: Vec<InstanceSpec>,
    ) -> Result<Vec<Change>, PluginError> {
        let ask = |call| self.plugin.plan(call, place.clone(), desired.clone());
        self.trial.of("plan", call, ask).await
    }

    async fn claim(
        &self,
        call: Call,
        place: Place,
        by: String,
        seconds: u32,
    ) -> Result<Option<Claim>, PluginError> {
        let ask = |call| self.plugin.claim(call, place.clone(), by.clone(), seconds);
        self.trial.of("claim", call, ask).await
    }

    async fn guard(&self, call: Call, place: Place, seconds: u32) -> Result<Option<String>, PluginError> {
        let ask = |call| self.plugin.guard(call, place.clone(), seconds);
        self.trial.of("guard", call, ask).await
    }

    async fn start(&self, call: Call, place: Place, instance: InstanceSpec) -> Result<(), PluginError> {
        let ask = |call| self.plugin.start(call, place.clone(), instance.clone());
        self.trial.of("start", call, ask).await
    }

    async fn adopt(
        &self,
        call: Call,
        place: Place,
        instance: InstanceSpec,
        changes: bool,
    ) -> Result<Vec<Change>, PluginError> {
        let ask = |call| self.plugin.adopt(call, place.clone(), instance.clone(), changes);
        self.trial.of("adopt", call, ask).await
    }

    async fn probe(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        since: String,
        wait: Duration,
    ) -> Result<Option<Probed>, PluginError> {
        let ask = |call| {
            self.plugin
                .probe(call, place.clone(), name.clone(), since.clone(), wait)
        };
        self.trial.of("probe", call, ask).await
    }

    async fn hold(&self, call: Call, place: Place, name: InstanceName, on: bool) -> Result<(), PluginError> {
        let ask = |call| self.plugin.hold(call, place.clone(), name.clone(), on);
        self.trial.of("hold", call, ask).await
    }

    async fn stop(&self, call: Call, place: Place, name: InstanceName) -> Result<(), PluginError> {
        let ask = |call| self.plugin.stop(call, place.clone(), name.clone());
        self.trial.of("stop", call, ask).await
    }

    async fn logs(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        cursor: String,
    ) -> Result<LogChunk, PluginError> {
        let ask = |call| {
            self.plugin
                .logs(call, place.clone(), name.clone(), cursor.clone())
        };
        self.trial.of("logs", call, ask).await
    }

    async fn cleanup(&self, call: Call, place: Place, revision: Digest) -> Result<(), PluginError> {
        let ask = |call| self.plugin.cleanup(call, place.clone(), revision);
        self.trial.of("cleanup", call, ask).await
    }

    async fn execute(
        &self,
        call: Call,
        place: Place,
        task: Task,
        begun: bool,
        wait: Duration,
    ) -> Result<Option<Ended>, PluginError> {
        let ask = |call| {
            self.plugin
                .execute(call, place.clone(), task.clone(), begun, wait)
        };
        self.trial.of("execute", call, ask).await
    }

    async fn dismiss(&self, call: Call, place: Place, task: Task) -> Result<(), PluginError> {
        let ask = |call| self.plugin.dismiss(call, place.clone(), task.clone());
        self.trial.of("dismiss", call, ask).await
    }
}

#[async_trait::async_trait]
impl Router for One<dyn Router> {
    fn describe(&self) -> &RouterDescription {
        self.plugin.describe()
    }

    async fn abilities(&self, place: Place) -> Result<RouterAbilities, PluginError> {
        self.plugin.abilities(place).await
    }

    async fn port(&self, call: Call, place: Place) -> Result<String, PluginError> {
        let ask = |call| self.plugin.port(call, place.clone());
        self.trial.of("port", call, ask).await
    }

    async fn observe(&self, call: Call, place: Place) -> Result<ObservedRoute, PluginError> {
        let ask = |call| self.plugin.observe(call, place.clone());
        self.trial.of("observe", call, ask).await
    }

    async fn route(&self, call: Call, place: Place, routing: Routing) -> Result<(), PluginError> {
        let ask = |call| self.plugin.route(call, place.clone(), routing.clone());
        self.trial.of("route", call, ask).await
    }

    async fn drain(&self, call: Call, place: Place, instance: InstanceName) -> Result<u64, PluginError> {
        let ask = |call| self.plugin.drain(call, place.clone(), instance.clone());
        self.trial.of("drain", call, ask).await
    }

    async fn logs(&self, call: Call, place: Place, cursor: String) -> Result<LogChunk, PluginError> {
        let ask = |call| self.plugin.logs(call, place.clone(), cursor.clone());
        self.trial.of("logs", call, ask).await
    }

    async fn metrics(&self, call: Call, place: Place) -> Result<String, PluginError> {
        let ask = |call| self.plugin.metrics(call, place.clone());
        self.trial.of("metrics", call, ask).await
    }

    async fn remove(&self, call: Call, place: Place) -> Result<(), PluginError> {
        let ask = |call| self.plugin.remove(call, place.clone());
        self.trial.of("remove", call, ask).await
    }
}

#[async_trait::async_trait]
impl Check for One<dyn Check> {
    fn describe(&self) -> &CheckDescription {
        self.plugin.describe()
    }

    async fn check(&self, call: Call, settings: Value, subject: Subject) -> Result<Finding, PluginError> {
        let ask = |call| self.plugin.check(call, settings.clone(), subject.clone());
        self.trial.of("check", call, ask).await
    }
}
