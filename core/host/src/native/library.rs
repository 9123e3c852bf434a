//! A native library that may be loaded, and the processes that have it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Native,
    calls::Nonsense,
    cbor, elf,
    process::{Gone, Process},
};
use crate::{component::Description, limits::Limits, session::Session};

/// Processes that are kept for the next call.
const KEPT: usize = 4;

/// It cannot be asked anything.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unloadable(pub(crate) String);

pub(crate) struct Library {
    native: Arc<Native>,
    bytes: Bytes,
    description: Description,
    /// Those that are asked nothing now. Calls at the same time have one each.
    idle: Mutex<Vec<Process>>,
}

impl Library {
    pub(crate) fn new(native: Arc<Native>, bytes: Bytes, description: &Description) -> Self {
        Self {
            native,
            bytes,
            description: description.clone(),
            idle: Mutex::default(),
        }
    }

    /// Carries out one verb. `arguments` is a tuple of those of the contract.
    pub(crate) async fn ask<A: Serialize, T: DeserializeOwned>(
        &self,
        session: &mut Session,
        verb: &'static str,
        arguments: &A,
    ) -> wasmtime::Result<T> {
        let arguments = cbor::to_vec(arguments)?;
        let mut process = match self.take() {
            Some(process) => process,
            None => self.start(session.limits.clone(), session.plugin.clone()).await?,
        };
        match process.call(session, verb, (self, &arguments)).await {
            Ok(answer) => {
                self.keep(process);
                let read = cbor::from_slice(&answer);
                Ok(read
                    .map_err(|error| wasmtime::Error::msg(format!("its answer has no meaning: {error}")))?)
            }
            Err(error) => {
                let gone = error.is::<Gone>();
                let end = process.end(gone).await;
                session.wrote = end.said;
                Err(if gone {
                    wasmtime::Error::msg(end.how)
                } else {
                    error
                })
            }
        }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn symbol(&self) -> String {
        elf::symbol(self.description.kind)
    }

    /// Whether it may ask for a function such as `http.send`.
    pub(super) fn check_granted(&self, operation: &str) -> Result<(), Nonsense> {
        let capability = operation.split('.').next().unwrap_or_default();
        if self.description.imports.iter().any(|name| name == capability) {
            return Ok(());
        }
        let operation = operation.escape_debug().to_string();
        Err(match crate::grants::CAPABILITIES.contains(&capability) {
            true => Nonsense::NotGranted(operation, self.description.kind.name()),
            false => Nonsense::Unknown(operation),
        })
    }

    async fn start(&self, limits: Arc<Limits>, plugin: Arc<str>) -> wasmtime::Result<Process> {
        let started = Process::start(&self.native, self, &limits).await;
        let (process, lacking) = started.map_err(Unloadable)?;
        if !lacking.is_empty() {
            tracing::warn!(target: "plugin", %plugin, "it is not confined as it should be: {lacking}");
        }
        Ok(process)
    }

    fn take(&self) -> Option<Process> {
        let mut idle = self.idle();
        // Somebody may have ended it meanwhile.
        std::iter::from_fn(|| idle.pop()).find_map(|mut process| process.lives().then_some(process))
    }

    fn keep(&self, process: Process) {
        let mut idle = self.idle();
        if idle.len() < KEPT {
            idle.push(process);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        // One is put in whole or not at all.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
