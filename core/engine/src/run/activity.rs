//! Activities: the steps of a run that touch the outside. Each has a stable key; one that has an outcome in the journal
//! is not performed again, one that was begun and has none is performed again if that is safe.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use slipway_journal::{Class, Content, Durability, Ending, Entry, Journal, Lease, NewRun, Parted};
use slipway_model::RunId;
use slipway_plugin::{Call, PluginError};
use tokio_util::sync::CancellationToken;

use super::{
    again::Again, claim::Claimed, event::Teller, group::Seat, guard::Guarded, lease::Heartbeat,
    recorder::CallRecorder,
};
use crate::{Ambient, Engine, Failed, Interruption, RunError};

/// How often a plugin is asked for what may work later: over about six seconds.
const ATTEMPTS: u32 = 6;

pub struct Run {
    pub(super) journal: Arc<Journal>,
    pub(super) ambient: Arc<dyn Ambient>,
    /// Cancelled when the run shall stop at the next safe point.
    pub(super) stop: CancellationToken,
    pub(super) teller: Teller,
    pub(super) signals_read: AtomicU64,
    /// Among the runs that are released together with this one.
    pub(super) seat: OnceLock<Seat>,
    heartbeat: Mutex<Option<Heartbeat>>,
    /// Of the place that it changes.
    pub(super) claim: Mutex<Option<Claimed>>,
    /// At its place.
    pub(super) guard: Mutex<Option<Guarded>>,
    /// It only comes to pass again, from its record.
    pub(super) replay: Option<Arc<Again>>,
}

impl Run {
    pub async fn create(
        engine: &Engine,
        lease: Lease,
        run: NewRun,
        stop: CancellationToken,
    ) -> Result<Self, RunError> {
        let journal = Journal::create(engine.store.clone(), lease, run, engine.ambient.now()).await?;
        Ok(Self::over(engine, journal, stop))
    }

    /// A run that was interrupted, to go on.
    pub async fn reopen(engine: &Engine, lease: Lease, stop: CancellationToken) -> Result<Self, RunError> {
        let by = engine.ambient.who();
        let journal = Journal::reopen(engine.store.clone(), lease, &by, engine.ambient.now()).await?;
        Ok(Self::over(engine, journal, stop))
    }

    pub(super) fn over(engine: &Engine, journal: Journal, stop: CancellationToken) -> Self {
        let journal = Arc::new(journal);
        let heartbeat = Heartbeat::start(&journal, engine.ambient.clone(), stop.clone());
        Self {
            teller: Teller::new(engine, &journal),
            signals_read: AtomicU64::new(0),
            ambient: engine.ambient.clone(),
            seat: OnceLock::new(),
            heartbeat: Mutex::new(Some(heartbeat)),
            claim: Mutex::default(),
            guard: Mutex::default(),
            replay: None,
            journal,
            stop,
        }
    }

    pub fn id(&self) -> &RunId {
        &self.journal.lease().run
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.ambient.now()
    }

    pub(crate) fn who(&self) -> String {
        self.ambient.who()
    }

    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Performs it, or answers what came of it before. Nothing that a run does by itself is of the class `once`: such
    /// effects are those of plugins.
    pub async fn activity<T, F>(
        &self,
        key: &str,
        class: Class,
        request: Value,
        perform: impl FnOnce() -> F,
    ) -> Result<T, RunError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, RunError>>,
    {
        let request = Parted::from(request);
        if let Some(outcome) = self.recall(key, &request.content).await? {
            return outcome;
        }
        if self.replay.is_some() {
            let activity = key.to_owned();
            return Err(Interruption::RecordEnds { activity }.into());
        }
        if self.stop.is_cancelled() {
            return Err(Interruption::Stopped.into());
        }
        if !self.is_open(key) {
            self.journal
                .intent(self.ambient.now(), key, class, request, None)
                .await?;
        }
        let result = match perform().await {
            Ok(value) => Ok(value),
            Err(RunError::Failed(failed)) => Err(failed),
            Err(interrupted) => return Err(interrupted),
        };
        self.journal
            .outcome(self.ambient.now(), key, outcome(key, &result)?)
            .await?;
        Ok(result?)
    }

    /// Asks a plugin. What it does to the outside is recorded below the call, so that an interrupted call is run again
    /// and finds everything as it was. What may work later is asked again, a few times, unless the call has had an effect
    /// that must not be repeated.
    pub async fn call<T, F>(&self, key: &str, request: Value, ask: impl Fn(Call) -> F) -> Result<T, RunError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, PluginError>>,
    {
        let mut attempt = 1;
        loop {
            let key = if attempt == 1 {
                key.to_owned()
            } else {
                format!("{key}~{attempt}")
            };
            match self.ask(&key, request.clone(), &ask).await {
                Err(RunError::Failed(failed))
                    if failed.passing && attempt < ATTEMPTS && !self.had_once(&key) =>
                {
                    self.pause(Duration::from_millis(100 << attempt)).await?;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// The same, asked only once.
    pub(crate) async fn ask<T, F, E>(
        &self,
        key: &str,
        request: Value,
        ask: impl FnOnce(Call) -> F,
    ) -> Result<T, RunError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, E>>,
        RunError: From<E>,
    {
        let recorder = Arc::new(CallRecorder::new(self, key));
        let asked = || async { Ok(ask(Call::new(recorder)).await?) };
        match &self.replay {
            None => self.activity(key, Class::Read, request, asked).await,
            Some(replay) => self.ask_again(replay, key, request, asked).await,
        }
    }

    /// Sleeps once: a run that is resumed does not sleep again for what it has slept.
    pub(crate) async fn pause_recorded(&self, key: &str, time: Duration) -> Result<(), RunError> {
        self.activity(key, Class::Read, Value::Null, || self.pause(time))
            .await
    }

    /// An entry of its own kind, appended once.
    pub(crate) async fn mark(&self, key: &str, entry: Entry) -> Result<(), RunError> {
        self.activity(key, Class::Idempotent, Value::Null, || async {
            self.journal
                .append(self.ambient.now(), entry, Durability::Now)
                .await?;
            Ok(())
        })
        .await
    }

    /// The last entry: the run is over, and the environment is free for others.
    pub async fn end(&self, ending: Ending, summary: &str) -> Result<(), RunError> {
        self.release_guard().await;
        self.journal.end(self.ambient.now(), ending, summary).await?;
        self.release_claim().await;
        self.release().await
    }

    /// Lets go of the environment without ending the run. A claim of the place runs out by itself: until then whoever
    /// goes on with the run finds it as it was.
    pub async fn release(&self) -> Result<(), RunError> {
        let heartbeat = self
            .heartbeat
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(heartbeat);
        self.journal.flush().await?;
        Ok(self.journal.store().release(self.journal.lease()).await?)
    }

    /// Whether a call has had an effect that must not be repeated, however that went.
    fn had_once(&self, call: &str) -> bool {
        self.journal
            .with_status(|status| status.children(call).any(|effect| effect.class == Class::Once))
    }

    /// Whether an activity was begun, by this process or one before.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.is_open(key)
    }

    fn is_open(&self, key: &str) -> bool {
        self.journal.with_status(|status| status.activity(key).is_some())
    }

    pub(super) async fn recall<T: DeserializeOwned>(
        &self,
        key: &str,
        request: &Content,
    ) -> Result<Option<Result<T, RunError>>, RunError> {
        let known = self.journal.with_status(|status| {
            let known = status.activity(key)?;
            Some((known.request == *request, known.outcome.clone()))
        });
        let activity = || key.to_owned();
        let unreadable = |cause: serde_json::Error| Interruption::Unreadable {
            activity: activity(),
            cause: cause.to_string(),
        };
        match known {
            None | Some((true, None)) => Ok(None),
            Some((false, _)) => Err(Interruption::Changed { activity: activity() }.into()),
            Some((true, Some(Ok(value)))) => {
                let value = self.journal.load(value).await?;
                Ok(Some(Ok(serde_json::from_value(value).map_err(unreadable)?)))
            }
            Some((true, Some(Err(error)))) => {
                let error = self.journal.load(error).await?;
                let failed: Failed = serde_json::from_value(error).map_err(unreadable)?;
                Ok(Some(Err(failed.into())))
            }
        }
    }
}

fn outcome<T: Serialize>(
    key: &str,
    result: &Result<T, Failed>,
) -> Result<Result<Value, Value>, Interruption> {
    let unreadable = |cause: serde_json::Error| Interruption::Unreadable {
        activity: key.to_owned(),
        cause: cause.to_string(),
    };
    match result {
        Ok(value) => serde_json::to_value(value).map(Ok).map_err(unreadable),
        Err(failed) => serde_json::to_value(failed).map(Err).map_err(unreadable),
    }
}
