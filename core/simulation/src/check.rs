//! A check of the simulated place: asks every instance over the network, on which answers get lost.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_plugin::{
    Call, Check, CheckDescription, EffectClass, Finding, FindingOutcome, Name, Need, OnlyReads, PluginError,
    Subject,
};

use crate::{
    target::SIMULATED,
    wire::{Asked, Wire},
    world::World,
};

pub(crate) struct SimulatedCheck {
    wire: Wire,
    description: CheckDescription,
}

impl SimulatedCheck {
    pub(crate) fn new(wire: Wire) -> Self {
        let description = CheckDescription {
            name: SIMULATED.to_owned(),
            version: "1".to_owned(),
            summary: String::new(),
            settings_schema: json!({}),
            needs: vec![Need::Endpoint(Name::Is(SIMULATED.to_owned()))],
        };
        Self { wire, description }
    }
}

#[async_trait::async_trait]
impl Check for SimulatedCheck {
    fn describe(&self) -> &CheckDescription {
        &self.description
    }

    async fn check(&self, mut call: Call, _: Value, subject: Subject) -> Result<Finding, PluginError> {
        call.recorder = Arc::new(OnlyReads(call.recorder));
        let mut evidence = Vec::new();
        for instance in &subject.instances {
            let asked = Asked {
                plugin: "check",
                verb: "answer",
                class: EffectClass::Read,
                request: json!(instance.name),
            };
            let answer = |world: &World, _| Ok(json!(world.answer(&instance.name)));
            let status = self.wire.effect(&call, asked, answer).await?;
            if status != json!(200) {
                evidence.push(format!("{} answers {status}", instance.name));
            }
        }
        let (outcome, message) = match (subject.instances.len(), evidence.first()) {
            (0, _) => (
                FindingOutcome::Inconclusive,
                "there is no instance to ask".to_owned(),
            ),
            (_, None) => (FindingOutcome::Passed, "all answer".to_owned()),
            (_, Some(first)) => (FindingOutcome::Failed, first.clone()),
        };
        Ok(Finding {
            outcome,
            message,
            evidence,
            values: Vec::new(),
            tallies: Vec::new(),
        })
    }
}
