//! What a run tells whoever watches: appended to the journal first, then shown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_journal::{Durability, Entry, Journal, RunStatus};
use slipway_model::{Digest, EnvironmentName, InstanceName, Plan, ServiceName};

use super::{Choice, Run};
use crate::{Ambient, Engine, Observer, Opening, RunError, judge::Verdict, trust};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    StepStarted {
        step: String,
        service: ServiceName,
        environment: Option<EnvironmentName>,
    },
    /// What the environment's windows and freezes said when the run began, to whom, and why it went ahead all the same.
    Timed {
        opening: Opening,
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    StepFinished {
        step: String,
        summary: String,
    },
    Artifact {
        name: String,
        digest: Digest,
        size: u64,
        summary: String,
        copied: bool,
    },
    /// It was held against the operator's policy, and this counted.
    Trusted {
        verdict: trust::Verdict,
    },
    Packaged {
        package: Digest,
        version: String,
    },
    Adapted {
        revision: Digest,
        files: usize,
    },
    Planned {
        plan: Box<Plan>,
    },
    ActionStarted {
        position: usize,
        of: usize,
        words: String,
    },
    ActionFinished {
        position: usize,
        words: String,
    },
    Judged {
        verdict: Verdict,
    },
    Waiting {
        reason: String,
    },
    Told {
        signal: String,
        by: String,
        reason: String,
    },
    /// The step failed, and this is the cause.
    Failed {
        cause: String,
        hint: Option<String>,
    },
    /// It cannot go on by itself: people say how it does.
    Asked {
        /// What failed.
        action: String,
        environment: EnvironmentName,
        cause: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        /// The instances that failed, where it is about some of several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed: Vec<InstanceName>,
        choices: Vec<Choice>,
    },
    /// From here on these instances are no longer part of it.
    Excluded {
        instances: Vec<InstanceName>,
    },
    RollingBack {
        actions: Vec<String>,
    },
    /// From here on nothing goes back by itself.
    PointOfNoReturn {
        hook: String,
    },
    Archived {
        entry: Digest,
    },
    Note {
        text: String,
    },
}

/// The events that the journal holds from before an interruption, as long as they are not met again. In no order: what
/// was told in the midst of something that is over is met no more, and several things go on beside each other.
struct Unmet(Mutex<HashMap<String, usize>>);

impl Unmet {
    fn of(status: &RunStatus) -> Self {
        let mut unmet = HashMap::new();
        for event in status.events() {
            *unmet.entry(event.data.to_string()).or_default() += 1;
        }
        Self(Mutex::new(unmet))
    }

    fn meet(&self, event: &Value) -> bool {
        let mut unmet = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match unmet.get_mut(&event.to_string()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Tells what happens in a run.
#[derive(Clone)]
pub(super) struct Teller {
    journal: Arc<Journal>,
    ambient: Arc<dyn Ambient>,
    observer: Arc<dyn Observer>,
    unmet: Arc<Unmet>,
}

impl Teller {
    pub(super) fn new(engine: &Engine, journal: &Arc<Journal>) -> Self {
        Self {
            unmet: Arc::new(journal.with_status(Unmet::of)),
            journal: journal.clone(),
            ambient: engine.ambient.clone(),
            observer: engine.observer.clone(),
        }
    }

    pub(super) async fn tell(&self, event: Event) -> Result<(), RunError> {
        let value = serde_json::to_value(&event).map_err(|error| crate::Failed::from_error(&error))?;
        if self.unmet.meet(&value) {
            return Ok(());
        }
        let kind = value
            .get("event")
            .and_then(|kind| kind.as_str())
            .unwrap_or("event")
            .to_owned();
        let entry = Entry::Event { kind, data: value };
        self.journal
            .append(self.ambient.now(), entry, Durability::WithNext)
            .await?;
        self.observer.event(&self.journal.lease().run, &event);
        Ok(())
    }
}

impl Run {
    /// In the journal first, then shown. An event that the journal holds from before an interruption is neither
    /// appended nor shown again.
    pub async fn tell(&self, event: Event) -> Result<(), RunError> {
        self.teller.tell(event).await
    }
}
