//! A run that comes to pass again from its record: plugins are asked as they were, and give what they gave or are told.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use slipway_journal::{Journal, Lease, Parted};
use tokio_util::sync::CancellationToken;

use super::Run;
use crate::{Engine, Interruption, RunError};

/// Of what differs, so many characters are told.
const TOLD: usize = 300;

/// What has been asked so far.
#[derive(Debug, Default)]
pub(crate) struct Again {
    pub(super) calls: AtomicU64,
    pub(super) effects: AtomicU64,
}

impl Run {
    /// Over a store that keeps what it has.
    pub(crate) async fn replayed(engine: &Engine, lease: Lease) -> Result<Self, RunError> {
        let (store, by, now) = (engine.store.clone(), engine.ambient.who(), engine.ambient.now());
        let journal = Journal::reopen(store, lease, &by, now).await?;
        let mut run = Self::over(engine, journal, CancellationToken::new());
        run.replay = Some(Arc::default());
        Ok(run)
    }

    pub(crate) fn is_replayed(&self) -> bool {
        self.replay.is_some()
    }

    /// How many calls, and how many effects.
    pub(crate) fn asked_again(&self) -> (u64, u64) {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let replay = self.replay.as_ref();
        replay.map_or((0, 0), |replay| (count(&replay.calls), count(&replay.effects)))
    }

    pub(super) async fn ask_again<T, F>(
        &self,
        replay: &Again,
        key: &str,
        request: Value,
        ask: impl FnOnce() -> F,
    ) -> Result<T, RunError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, RunError>>,
    {
        let activity = || key.to_owned();
        let recorded = self.recall::<Value>(key, &Parted::from(request).content).await?;
        let recorded = recorded.ok_or_else(|| Interruption::RecordEnds { activity: activity() })?;
        replay.calls.fetch_add(1, Ordering::Relaxed);
        let now = ask().await;
        let plain = |value: serde_json::Result<Value>| value.unwrap_or_default();
        let given = match &now {
            Ok(value) => plain(serde_json::to_value(value)),
            Err(RunError::Failed(failed)) => plain(serde_json::to_value(failed)),
            Err(_) => return now,
        };
        let (was_well, gave) = match recorded {
            Ok(value) => (true, value),
            Err(RunError::Failed(failed)) => (false, plain(serde_json::to_value(failed))),
            Err(other) => return Err(other),
        };
        if (was_well, &gave) == (now.is_ok(), &given) {
            return now;
        }
        Err(Interruption::Differs {
            activity: activity(),
            recorded: short(&gave),
            now: short(&given),
        }
        .into())
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(TOLD) {
        None => text,
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
