//! Hooks: programs of the manifest that run at moments of a roll-out. On this machine each is an effect of its own, so that one
//! that must not be repeated is asked about after an interruption; at the place it is a task of the target. What it has said
//! is kept with its outcome.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::PoisonError,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_manifest::{Hook, HookFailure, HookMoment, HookPlace};
use slipway_model::{Action, InstanceName};
use slipway_plugin::{Begin, Call, Effect, EffectClass, Mask, PluginError, RecordError};

use super::Executor;
use crate::{
    Event, Failed, RunError,
    program::{self, Kept, NoEnd},
};

/// Of what a program says last, on either of its two ways out, so many bytes are kept.
pub(super) const SAID: usize = 4096;

/// What a moment is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About<'a> {
    Run,
    Instance(&'a InstanceName),
    Cause(&'a Failed),
}

/// How a hook has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ran {
    /// What is wrong, if anything is.
    pub(super) failure: Option<String>,
    /// The end of what it said.
    pub(super) said: String,
}

impl Executor<'_> {
    /// Runs the hooks of a moment, one after the other. `key` is that of what happens then.
    pub(super) async fn hooks(&self, key: &str, at: HookMoment, about: About<'_>) -> Result<(), RunError> {
        // A revision that a person wants back was brought there by its own hooks.
        if self.back && at != HookMoment::OnRollBack || !self.hears() && at.is_forth() {
            return Ok(());
        }
        for hook in self.strategy.hooks.iter().filter(|hook| hook.at == at) {
            self.hook(&format!("{key}/{}/{}", at.as_str(), hook.name), hook, about)
                .await?;
        }
        Ok(())
    }

    /// The same for each of the instances that it is about.
    pub(super) async fn hooks_of_each(
        &self,
        key: &str,
        at: HookMoment,
        instances: &[InstanceName],
    ) -> Result<(), RunError> {
        for name in instances {
            self.hooks(&format!("{key}/{name}"), at, About::Instance(name))
                .await?;
        }
        Ok(())
    }

    /// Instances of the new revision that get users by this routing and had none.
    pub(super) fn newly_attached(&self, action: &Action) -> Vec<InstanceName> {
        let Action::Route { shares, .. } = action else {
            return Vec::new();
        };
        let new = shares
            .iter()
            .filter(|share| share.revision == self.plan.new.revision && share.weight > 0);
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        new.flat_map(|share| &share.instances)
            .filter(|name| attached.insert((*name).clone()))
            .cloned()
            .collect()
    }

    async fn hook(&self, key: &str, hook: &Hook, about: About<'_>) -> Result<(), RunError> {
        if hook.point_of_no_return {
            let name = hook.name.clone();
            self.run
                .tell(Event::PointOfNoReturn { hook: name.clone() })
                .await?;
            *self.no_return.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
        }
        let words = hook.run.join(" ");
        let place = match hook.place {
            HookPlace::Operator => "",
            HookPlace::Place => " at the place",
        };
        let text = format!("hook {} ({}){place}: {words}", hook.name, hook.at.as_str());
        self.run.tell(Event::Note { text }).await?;
        let variables = self.variables(hook, about);
        let ran = match hook.place {
            HookPlace::Operator => self.hook_here(key, hook, variables).await?,
            HookPlace::Place => self.hook_at_place(key, hook, variables).await?,
        };
        let last = ran.said.lines().last().unwrap_or_default().trim();
        let Some(failure) = &ran.failure else {
            if !last.is_empty() {
                let text = format!("hook {}: {last}", hook.name);
                self.run.tell(Event::Note { text }).await?;
            }
            return Ok(());
        };
        let text = match last {
            "" => format!("hook {}: {failure}", hook.name),
            last => format!("hook {}: {failure}: {last}", hook.name),
        };
        match hook.on_failure {
            HookFailure::Fail => Err(Failed::new(text).into()),
            HookFailure::GoOn => {
                let text = format!("{text}; going on, because its `on-failure` is `go-on`");
                self.run.tell(Event::Note { text }).await
            }
        }
    }

    async fn hook_here(
        &self,
        key: &str,
        hook: &Hook,
        variables: BTreeMap<String, String>,
    ) -> Result<Ran, RunError> {
        let root = self.engine.workspace.root();
        let folder = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        let mask = self.site.mask(self.engine);
        self.run
            .call(key, json!({ "hook": hook }), |call| {
                perform(
                    call,
                    hook.clone(),
                    variables.clone(),
                    (folder.clone(), mask.clone()),
                )
            })
            .await
    }

    fn variables(&self, hook: &Hook, about: About<'_>) -> BTreeMap<String, String> {
        let plan = self.plan;
        let mut variables = BTreeMap::from([
            ("SLIPWAY_HOOK", hook.name.clone()),
            ("SLIPWAY_AT", hook.at.as_str().to_owned()),
            ("SLIPWAY_SERVICE", plan.service.to_string()),
            ("SLIPWAY_ENVIRONMENT", plan.environment.to_string()),
            ("SLIPWAY_RUN", self.run.id().to_string()),
            ("SLIPWAY_VERSION", plan.new.version.clone()),
            ("SLIPWAY_REVISION", plan.new.revision.to_string()),
        ]);
        if let Some(old) = &plan.old {
            variables.insert("SLIPWAY_OLD_VERSION", old.version.clone());
        }
        match about {
            About::Run => {}
            About::Instance(name) => drop(variables.insert("SLIPWAY_INSTANCE", name.to_string())),
            About::Cause(cause) => drop(variables.insert("SLIPWAY_CAUSE", cause.message.clone())),
        }
        let owned = variables.into_iter();
        owned.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

async fn perform(
    call: Call,
    hook: Hook,
    variables: BTreeMap<String, String>,
    (folder, mask): (PathBuf, Mask),
) -> Result<Ran, PluginError> {
    let record = |source: RecordError| PluginError::Record {
        plugin: format!("hook {}", hook.name),
        verb: "run",
        source,
    };
    let effect = Effect {
        capability: "hook".to_owned(),
        operation: "run".to_owned(),
        class: match hook.repeatable {
            true => EffectClass::Idempotent,
            false => EffectClass::Once,
        },
        request: json!({ "run": hook.run, "variables": variables }),
    };
    let (ticket, ran) = match call.recorder.begin(effect).await.map_err(record)? {
        Begin::Recorded(recorded) => return Ok(read(recorded.unwrap_or_default())),
        // Somebody knows that it has, and nobody what it said.
        Begin::Happened(ticket) => (ticket, read(Value::Null)),
        Begin::Perform(ticket) => (ticket, run(&hook, variables, (&folder, &mask)).await),
    };
    let outcome = Ok(json!(ran));
    call.recorder.finish(ticket, &outcome).await.map_err(record)?;
    Ok(ran)
}

fn read(recorded: Value) -> Ran {
    serde_json::from_value(recorded).unwrap_or(Ran {
        failure: None,
        said: String::new(),
    })
}

async fn run(hook: &Hook, variables: BTreeMap<String, String>, (folder, mask): (&Path, &Mask)) -> Ran {
    let kept = (hook.timeout, Kept::Last(SAID));
    match program::run(folder, &hook.run, variables, kept, mask).await {
        Ok(ended) => Ran {
            failure: (!ended.status.success())
                .then(|| format!("`{}` ended with {}", ended.program, ended.status)),
            said: String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned(),
        },
        Err(NoEnd::TooLate(failure) | NoEnd::Broken(failure)) => Ran {
            failure: Some(failure),
            said: String::new(),
        },
    }
}
