//! What a run tells whoever watches: appended to the journal first, then shown.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use slipway_journal::{Durability, Entry};
use slipway_model::{Digest, EnvironmentName, Plan, ServiceName};

use super::Run;
use crate::{Opening, RunError, judge::Verdict};

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
    RollingBack {
        actions: Vec<String>,
    },
    Archived {
        entry: Digest,
    },
    Note {
        text: String,
    },
}

impl Run {
    /// In the journal first, then shown. An event that the journal holds from before an interruption is neither
    /// appended nor shown again.
    pub async fn tell(&self, event: Event) -> Result<(), RunError> {
        let value = serde_json::to_value(&event).map_err(|error| crate::Failed::from_error(&error))?;
        let met = self.events_met.load(Ordering::Relaxed);
        if met < self.events_held {
            let same = self
                .journal
                .with_status(|status| status.events()[met].data == value);
            if same {
                self.events_met.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
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
        self.observer.event(self.id(), &event);
        Ok(())
    }
}
