//! Targets.

use std::time::Duration;

use slipway_model::{Digest, InstanceName};
use slipway_plugin::{
    Call, Change, ChangeKind, Claim, Ended, Instance, InstanceSpec, InstanceState, LogChunk, Place,
    PluginError, Port, Probed, Target, TargetAbilities, TargetDescription, Task,
};

use crate::{
    bindings::{imports::types, target as wit},
    capabilities::printable,
    loaded::{Guest, Loaded, Turn},
    roles::convert::{ask, needs, parsed, schema, told},
    session::Session,
    words,
};

pub(crate) struct TargetPlugin {
    plugin: Loaded,
    guest: Guest<wit::TargetPluginPre<Session>>,
    description: TargetDescription,
}

impl TargetPlugin {
    pub(crate) async fn load(plugin: Loaded) -> Result<Self, PluginError> {
        let guest = plugin.guest(wit::TargetPluginPre::new)?;
        let mut turn = plugin.turn("describe", None)?;
        let told = told!(guest, turn, slipway_plugin_target.call_describe());
        let told = turn.end(told)?;
        let description = TargetDescription {
            settings_schema: schema(&turn, &told.settings_schema)?,
            name: words::name(&told.name),
            version: words::name(&told.version),
            summary: words::line(&told.summary),
            workloads: words::lines(told.workloads),
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
impl Target for TargetPlugin {
    fn describe(&self) -> &TargetDescription {
        &self.description
    }

    async fn abilities(&self, place: Place) -> Result<TargetAbilities, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            None,
            "abilities",
            slipway_plugin_target.call_abilities(&place)
        );
        Ok(TargetAbilities {
            side_by_side: told.side_by_side,
            in_place: told.in_place,
            hold: told.hold,
            guard: told.guard,
            execute: told.execute,
        })
    }

    async fn observe(&self, call: Call, place: Place) -> Result<Vec<Instance>, PluginError> {
        let place = types::Place::from(&place);
        let (turn, told) = ask!(self, call, "observe", slipway_plugin_target.call_observe(&place));
        told.into_iter().map(|told| instance(&turn, told)).collect()
    }

    async fn plan(
        &self,
        call: Call,
        place: Place,
        desired: Vec<InstanceSpec>,
    ) -> Result<Vec<Change>, PluginError> {
        let place = types::Place::from(&place);
        let desired: Vec<_> = desired.iter().map(wit::InstanceSpec::from).collect();
        let (_, told) = ask!(
            self,
            call,
            "plan",
            slipway_plugin_target.call_plan(&place, &desired)
        );
        Ok(told.into_iter().map(Change::from).collect())
    }

    async fn claim(
        &self,
        call: Call,
        place: Place,
        by: String,
        seconds: u32,
    ) -> Result<Option<Claim>, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "claim",
            slipway_plugin_target.call_claim(&place, &by, seconds)
        );
        Ok(told.map(|told| Claim {
            ours: told.ours,
            by: words::line(&told.by),
            since: told.since,
            token: told.token,
        }))
    }

    async fn guard(&self, call: Call, place: Place, seconds: u32) -> Result<Option<String>, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "guard",
            slipway_plugin_target.call_guard(&place, seconds)
        );
        Ok(told.as_deref().map(printable))
    }

    async fn start(&self, call: Call, place: Place, instance: InstanceSpec) -> Result<(), PluginError> {
        let (place, instance) = (types::Place::from(&place), wit::InstanceSpec::from(&instance));
        let (_, told) = ask!(
            self,
            call,
            "start",
            slipway_plugin_target.call_start(&place, &instance)
        );
        Ok(told)
    }

    async fn adopt(
        &self,
        call: Call,
        place: Place,
        instance: InstanceSpec,
        changes: bool,
    ) -> Result<Vec<Change>, PluginError> {
        let (place, instance) = (types::Place::from(&place), wit::InstanceSpec::from(&instance));
        let (_, told) = ask!(
            self,
            call,
            "adopt",
            slipway_plugin_target.call_adopt(&place, &instance, changes)
        );
        Ok(told.into_iter().map(Change::from).collect())
    }

    async fn probe(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        since: String,
        wait: Duration,
    ) -> Result<Option<Probed>, PluginError> {
        let place = types::Place::from(&place);
        let wait_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let (turn, told) = ask!(
            self,
            call,
            "probe",
            slipway_plugin_target.call_probe(&place, name.as_str(), &since, wait_ms)
        );
        let probed = |told: wit::Probed| {
            let seen = told.instance.map(|told| instance(&turn, told));
            Ok(Probed {
                instance: seen.transpose()?,
                next: told.next,
            })
        };
        told.map(probed).transpose()
    }

    async fn hold(&self, call: Call, place: Place, name: InstanceName, on: bool) -> Result<(), PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "hold",
            slipway_plugin_target.call_hold(&place, name.as_str(), on)
        );
        Ok(told)
    }

    async fn stop(&self, call: Call, place: Place, name: InstanceName) -> Result<(), PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "stop",
            slipway_plugin_target.call_stop(&place, name.as_str())
        );
        Ok(told)
    }

    async fn logs(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        cursor: String,
    ) -> Result<LogChunk, PluginError> {
        let place = types::Place::from(&place);
        let (_, told) = ask!(
            self,
            call,
            "logs",
            slipway_plugin_target.call_logs(&place, name.as_str(), &cursor)
        );
        Ok(LogChunk {
            content: told.content,
            next: told.next,
            end: told.end,
        })
    }

    async fn cleanup(&self, call: Call, place: Place, revision: Digest) -> Result<(), PluginError> {
        let (place, revision) = (types::Place::from(&place), revision.to_string());
        let (_, told) = ask!(
            self,
            call,
            "cleanup",
            slipway_plugin_target.call_cleanup(&place, &revision)
        );
        Ok(told)
    }

    async fn execute(
        &self,
        call: Call,
        place: Place,
        task: Task,
        begun: bool,
        wait: Duration,
    ) -> Result<Option<Ended>, PluginError> {
        let (place, task) = (types::Place::from(&place), wit::Task::from(&task));
        let wait_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let (_, told) = ask!(
            self,
            call,
            "execute",
            slipway_plugin_target.call_execute(&place, &task, begun, wait_ms)
        );
        Ok(told.map(|told| Ended {
            code: told.code,
            why: printable(&told.why),
            said: words::ends(&told.said),
        }))
    }

    async fn dismiss(&self, call: Call, place: Place, task: Task) -> Result<(), PluginError> {
        let (place, task) = (types::Place::from(&place), wit::Task::from(&task));
        let (_, told) = ask!(
            self,
            call,
            "dismiss",
            slipway_plugin_target.call_dismiss(&place, &task)
        );
        Ok(told)
    }
}

fn instance(turn: &Turn, told: wit::Instance) -> Result<Instance, PluginError> {
    Ok(Instance {
        name: parsed(turn, "instance", &told.name)?,
        revision: parsed(turn, "revision", &told.revision)?,
        state: told.state.into(),
        ports: told
            .ports
            .into_iter()
            .map(|port| Port {
                name: words::name(&port.name),
                address: words::line(&port.address),
            })
            .collect(),
        since: told.since,
        restarts: told.restarts,
        detail: words::ends(&told.detail),
    })
}

impl From<&InstanceSpec> for wit::InstanceSpec {
    fn from(spec: &InstanceSpec) -> Self {
        Self {
            name: spec.name.to_string(),
            revision: spec.revision.to_string(),
            artifact: spec.artifact.clone(),
            blob: spec.blob.to_string(),
            workload: spec.workload.clone(),
            back: spec.back,
        }
    }
}

impl From<&Task> for wit::Task {
    fn from(task: &Task) -> Self {
        let variables = task.variables.clone().into_iter();
        Self {
            name: task.name.to_string(),
            revision: task.revision.to_string(),
            artifact: task.artifact.clone(),
            blob: task.blob.to_string(),
            workload: task.workload.clone(),
            part: task.part.clone(),
            run: task.run.clone(),
            variables: variables.collect(),
            timeout_ms: task.timeout.as_millis(),
        }
    }
}

impl From<wit::InstanceState> for InstanceState {
    fn from(state: wit::InstanceState) -> Self {
        match state {
            wit::InstanceState::Starting => Self::Starting,
            wit::InstanceState::Partial => Self::Partial,
            wit::InstanceState::Healthy => Self::Healthy,
            wit::InstanceState::Unhealthy => Self::Unhealthy,
            wit::InstanceState::Failed => Self::Failed,
            wit::InstanceState::Stopping => Self::Stopping,
            wit::InstanceState::Stopped => Self::Stopped,
        }
    }
}

impl From<wit::Change> for Change {
    fn from(change: wit::Change) -> Self {
        let kind = match change.kind {
            wit::ChangeKind::Create => ChangeKind::Create,
            wit::ChangeKind::Keep => ChangeKind::Keep,
            wit::ChangeKind::Replace => ChangeKind::Replace,
            wit::ChangeKind::Remove => ChangeKind::Remove,
        };
        Self {
            kind,
            subject: words::line(&change.subject),
            detail: printable(&change.detail),
            seen: change.seen,
        }
    }
}
