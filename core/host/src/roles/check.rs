//! Checks: they only read, whoever records it, and what they say is cut to what people read.

use std::sync::Arc;

use serde_json::Value;
use slipway_plugin::{
    Call, Check, CheckDescription, Finding, FindingOutcome, OnlyReads, PluginError, RecordError, Subject,
};

use crate::{
    bindings::check as wit,
    loaded::{Guest, Loaded, Turn},
    roles::convert::{ask, needs, schema, told},
    session::Session,
    words,
};

/// Characters of a message.
const MESSAGE: usize = 1000;
/// Lines of evidence, and characters of each.
const EVIDENCE: (usize, usize) = (20, 500);
/// Values or tallies.
const NUMBERS: usize = 1000;

pub(crate) struct CheckPlugin {
    plugin: Loaded,
    guest: Guest<wit::CheckPluginPre<Session>>,
    description: CheckDescription,
}

impl CheckPlugin {
    pub(crate) async fn load(plugin: Loaded) -> Result<Self, PluginError> {
        let guest = plugin.guest(wit::CheckPluginPre::new)?;
        let mut turn = plugin.turn("describe", None)?;
        let told = told!(guest, turn, slipway_plugin_check.call_describe());
        let told = turn.end(told)?;
        let description = CheckDescription {
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

    async fn ask(
        &self,
        call: Call,
        settings: &String,
        subject: &wit::Subject,
    ) -> Result<Finding, PluginError> {
        let (turn, told) = ask!(
            self,
            call,
            "check",
            slipway_plugin_check.call_check(settings, subject)
        );
        finding(&turn, told)
    }
}

#[async_trait::async_trait]
impl Check for CheckPlugin {
    fn describe(&self) -> &CheckDescription {
        &self.description
    }

    async fn check(&self, mut call: Call, settings: Value, subject: Subject) -> Result<Finding, PluginError> {
        call.recorder = Arc::new(OnlyReads(call.recorder));
        let found = self
            .ask(call, &settings.to_string(), &wit::Subject::from(&subject))
            .await;
        found.map_err(|error| match error {
            // The plugin is to blame, and the run goes on without it.
            PluginError::Record {
                plugin,
                verb,
                source: RecordError::ReadOnly(effect),
            } => PluginError::Broke {
                plugin,
                verb,
                cause: format!("{effect} would change something, and a check may only read"),
            },
            other => other,
        })
    }
}

fn finding(turn: &Turn, told: wit::Finding) -> Result<Finding, PluginError> {
    if !told.values.is_empty() && !told.tallies.is_empty() {
        return Err(turn.nonsense("finding", &"values and tallies, which are not judged together"));
    }
    let numbers = told.values.len() + told.tallies.len();
    if numbers > NUMBERS {
        return Err(turn.nonsense(
            "finding",
            &format!("{numbers} numbers, at most {NUMBERS} are taken"),
        ));
    }
    if let Some(value) = told.values.iter().find(|value| !value.is_finite()) {
        return Err(turn.nonsense("value", &format!("{value} is no number")));
    }
    if let Some(tally) = told.tallies.iter().find(|tally| tally.events > tally.total) {
        let problem = format!("{} events of {}", tally.events, tally.total);
        return Err(turn.nonsense("tally", &problem));
    }
    let (lines, length) = EVIDENCE;
    let evidence = told.evidence.iter().take(lines);
    Ok(Finding {
        outcome: match told.outcome {
            wit::Outcome::Passed => FindingOutcome::Passed,
            wit::Outcome::Failed => FindingOutcome::Failed,
            wit::Outcome::Inconclusive => FindingOutcome::Inconclusive,
        },
        message: words::cut(&told.message, MESSAGE),
        evidence: evidence.map(|text| words::cut(text, length)).collect(),
        values: told.values,
        tallies: told
            .tallies
            .iter()
            .map(|tally| (tally.events, tally.total))
            .collect(),
    })
}

impl From<&Subject> for wit::Subject {
    fn from(subject: &Subject) -> Self {
        let port = |port: &slipway_plugin::Port| wit::Port {
            name: port.name.clone(),
            address: port.address.clone(),
        };
        let instances = subject.instances.iter().map(|instance| wit::Instance {
            name: instance.name.to_string(),
            ports: instance.ports.iter().map(port).collect(),
        });
        Self {
            service: subject.service.to_string(),
            environment: subject.environment.to_string(),
            revision: subject.revision.to_string(),
            stable: subject.stable.map(|revision| revision.to_string()),
            instances: instances.collect(),
        }
    }
}
