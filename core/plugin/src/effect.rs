//! Effects: every call that a plugin makes to the outside, as it is recorded before it is performed and after.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Failure;

/// How many characters of a request a person is shown.
const SHOWN: usize = 1000;

/// One call to the outside. Two effects are the same if they are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The capability, such as `http`.
    pub capability: String,
    /// The function of the capability, such as `send`.
    pub operation: String,
    pub class: EffectClass,
    /// The arguments; bytes are given by digest and size, so that a record stays small and holds no secret.
    pub request: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectClass {
    /// Changes nothing.
    Read,
    /// Safe to repeat.
    Idempotent,
    /// Must not be repeated: an intent without an outcome is asked about, never guessed.
    Once,
}

/// What came of an effect: exactly what the plugin is told.
pub type EffectResult = Result<Value, Failure>;

/// Names an effect that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub u64);

#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// The intent is durable: perform it, then `finish`.
    Perform(Ticket),
    /// It was performed before the interruption; this is what came of it.
    Recorded(EffectResult),
    /// It was performed before the interruption, as a person says, and nobody has its answer: `finish` with the empty
    /// success of its capability.
    Happened(Ticket),
}

/// Keeps the record of one plugin call. Implemented over the journal.
#[async_trait::async_trait]
pub trait Recorder: Send + Sync {
    /// To be awaited before the effect is performed.
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError>;

    /// To be awaited before the plugin is told.
    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError>;
}

/// Records nothing and lets nothing happen but reading: for plans and views.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOnly;

#[async_trait::async_trait]
impl Recorder for ReadOnly {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        match effect.class {
            EffectClass::Read => Ok(Begin::Perform(Ticket(0))),
            EffectClass::Idempotent | EffectClass::Once => Err(RecordError::ReadOnly(Box::new(effect))),
        }
    }

    async fn finish(&self, _: Ticket, _: &EffectResult) -> Result<(), RecordError> {
        Ok(())
    }
}

/// Records as another does, and lets nothing happen but reading: for checks.
pub struct OnlyReads(pub Arc<dyn Recorder>);

#[async_trait::async_trait]
impl Recorder for OnlyReads {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        match effect.class {
            EffectClass::Read => self.0.begin(effect).await,
            EffectClass::Idempotent | EffectClass::Once => Err(RecordError::ReadOnly(Box::new(effect))),
        }
    }

    async fn finish(&self, ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        self.0.finish(ticket, result).await
    }
}

/// Records nothing, and lets happen what may happen again at any time: for claims, which are renewed beside a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

#[async_trait::async_trait]
impl Recorder for Unrecorded {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        match effect.class {
            EffectClass::Read | EffectClass::Idempotent => Ok(Begin::Perform(Ticket(0))),
            EffectClass::Once => Err(RecordError::Repeatable(Box::new(effect))),
        }
    }

    async fn finish(&self, _: Ticket, _: &EffectResult) -> Result<(), RecordError> {
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecordError {
    #[error("the journal cannot be written: {0}")]
    Journal(String),
    #[error("its effect {position} was {} and is now {}", recorded, requested)]
    NotDeterministic {
        position: usize,
        recorded: Box<Effect>,
        requested: Box<Effect>,
    },
    #[error("whether {} happened before the interruption is not known, and it must not happen twice", .0)]
    Undecided(Box<Effect>),
    #[error("{} would change something, and this command only looks", .0)]
    ReadOnly(Box<Effect>),
    #[error("{} must not be repeated, and this call may be at any time", .0)]
    Repeatable(Box<Effect>),
    #[error("{} is not in the record", .0)]
    Beyond(Box<Effect>),
    #[error("the run was told to stop")]
    Stopped,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (capability, operation) = (&self.capability, &self.operation);
        let request = self.request.to_string();
        match request.char_indices().nth(SHOWN) {
            None => write!(f, "{capability}.{operation} {request}"),
            Some((end, _)) => write!(f, "{capability}.{operation} {}...", &request[..end]),
        }
    }
}
