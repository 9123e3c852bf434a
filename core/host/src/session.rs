//! What the host keeps beside a plugin while one call of it runs: what the call is granted, what it has used up, and
//! the last lines it logged, for the case that it breaks.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use slipway_plugin::{Call, Mask};
use wasmtime::{Store, UpdateDeadline};

use crate::{
    engine::{self, TICK},
    limits::{self, Growth, Limits, Reached},
    outgoing::Clients,
    script::Script,
};

const TAIL: usize = 5;

pub(crate) struct Session {
    pub(crate) plugin: Arc<str>,
    /// None while the plugin describes itself.
    pub(crate) call: Option<Arc<Call>>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) secrets: Arc<Mask>,
    pub(crate) growth: Growth,
    pub(crate) tail: VecDeque<String>,
    /// Of a plugin that is a script, when it has asked for something of it.
    pub(crate) script: Option<Script>,
    /// What a native library wrote last, when it broke.
    pub(crate) wrote: String,
    /// What `progress` said last: what, and how far.
    pub(crate) reported: Option<(String, u64)>,
    started: Instant,
    ticks: u32,
    effects: u32,
    recorded: usize,
    log_lines: u32,
}

/// A plugin that describes itself is asked before anybody has said what it may do.
#[derive(Debug, thiserror::Error)]
#[error("describe must have no effects, and called {0}")]
pub(crate) struct NoEffects(pub(crate) String);

impl Session {
    pub(crate) fn store(
        plugin: Arc<str>,
        call: Option<Call>,
        limits: Arc<Limits>,
        clients: Arc<Clients>,
    ) -> Result<Store<Self>, String> {
        let engine = engine::engine()?;
        engine::start_ticking(engine)?;
        let session = Self {
            plugin,
            secrets: Arc::new(call.as_ref().map(Mask::of).unwrap_or_default()),
            call: call.map(Arc::new),
            growth: Growth::new(&limits),
            tail: VecDeque::new(),
            script: None,
            wrote: String::new(),
            reported: None,
            started: Instant::now(),
            ticks: 0,
            effects: 0,
            recorded: 0,
            log_lines: 0,
            limits,
            clients,
        };
        let host_call = session.limits.host_call;
        let mut store = Store::new(engine, session);
        store.limiter(|session| &mut session.growth);
        store.set_hostcall_fuel(host_call);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            store.data_mut().tick()?;
            Ok(UpdateDeadline::Yield(1))
        });
        Ok(store)
    }

    /// Of the whole call.
    pub(crate) fn time_left(&self) -> Duration {
        self.limits.call.saturating_sub(self.started.elapsed())
    }

    pub(crate) fn count_effect(&mut self) -> Result<(), Reached> {
        self.effects += 1;
        if self.effects > self.limits.effects {
            return Err(Reached::new("effects", self.limits.effects.to_string()));
        }
        Ok(())
    }

    /// What an effect leaves in the record.
    pub(crate) fn count_recorded(&mut self, bytes: usize) -> Result<(), Reached> {
        self.recorded = self.recorded.saturating_add(bytes);
        if self.recorded > self.limits.record {
            return Err(Reached::new("record", limits::bytes(self.limits.record)));
        }
        Ok(())
    }

    /// What answers may have together, before any of them is kept.
    pub(crate) fn record_left(&self) -> usize {
        self.limits.record.saturating_sub(self.recorded)
    }

    /// A line for the log: counted, and kept for the report if the plugin breaks.
    pub(crate) fn count_line(&mut self, line: &str) -> Result<(), Reached> {
        self.log_lines += 1;
        if self.log_lines > self.limits.log_lines {
            return Err(Reached::new("log", format!("{} lines", self.limits.log_lines)));
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
        Ok(())
    }

    /// The plugin computes again.
    pub(crate) fn returned(&mut self) {
        self.ticks = 0;
    }

    fn tick(&mut self) -> Result<(), Reached> {
        self.ticks += 1;
        if TICK * self.ticks > self.limits.computing {
            return Err(Reached::seconds("computing", self.limits.computing));
        }
        if self.time_left().is_zero() {
            return Err(Reached::seconds("time", self.limits.call));
        }
        Ok(())
    }
}
