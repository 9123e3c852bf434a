//! What an interpreter in a component finds of WASI: enough to start, and nothing behind it. No arguments, environment,
//! folders or network; clocks that stand still, so that whoever waits goes on at once; random numbers that are the same in
//! each call; what it writes is kept for the message if it breaks. So it is as deterministic as any other plugin.

use std::time::Duration;

use slipway_model::Digest;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::{
    HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView,
    p2::{DynPollable, Pollable, bindings::clocks::monotonic_clock, pipe::MemoryOutputPipe, subscribe},
    random::Deterministic,
};

use crate::session::Session;

/// Of the WASI that there is, 0.2. What is not in here is refused before anything runs.
const PACKAGES: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];
/// Bytes of what it writes; then its streams are closed.
const SAID: usize = 64 << 10;
/// Streams, descriptors and the like that are there at one time.
const HANDLES: usize = 1024;
/// Bytes of random numbers, before they come again.
const RANDOM: u64 = 4096;

/// Made when a plugin first asks for something of it.
pub(crate) struct Script {
    wasi: WasiCtx,
    table: ResourceTable,
    said: MemoryOutputPipe,
}

/// Is an import of this name something that a script may have?
pub(crate) fn is_offered(import: &str) -> bool {
    let parsed = import.strip_prefix("wasi:").and_then(|rest| rest.split_once('/'));
    parsed.is_some_and(|(package, rest)| {
        let version = rest.split_once('@').map(|(_, version)| version);
        PACKAGES.contains(&package) && version.is_some_and(|version| version.starts_with("0.2."))
    })
}

pub(crate) fn link(linker: &mut Linker<Session>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    // That of the library would let a plugin wait, which nothing records and nothing ends.
    monotonic_clock::add_to_linker::<_, Still<'static>>(linker, |session| Still(session.ctx().table))?;
    linker.allow_shadowing(false);
    Ok(())
}

impl Script {
    /// What it has written.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.contents()).into_owned()
    }
}

impl Default for Script {
    fn default() -> Self {
        let said = MemoryOutputPipe::new(SAID);
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES);
        let wasi = WasiCtx::builder()
            .stdout(said.clone())
            .stderr(said.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .wall_clock(Stopped)
            .monotonic_clock(Stopped)
            .secure_random(Deterministic::new(numbers()))
            .insecure_random(Deterministic::new(numbers()))
            .insecure_random_seed(0)
            .build();
        Self { wasi, table, said }
    }
}

impl WasiView for Session {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let script = self.script.get_or_insert_default();
        WasiCtxView {
            ctx: &mut script.wasi,
            table: &mut script.table,
        }
    }
}

/// The clock on the wall, at the beginning of 1970.
struct Stopped;

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

/// The clock that only goes on: it does not, and every point in time has come.
struct Still<'a>(&'a mut ResourceTable);

impl HasData for Still<'static> {
    type Data<'a> = Still<'a>;
}

impl monotonic_clock::Host for Still<'_> {
    fn now(&mut self) -> wasmtime::Result<monotonic_clock::Instant> {
        Ok(0)
    }

    fn resolution(&mut self) -> wasmtime::Result<monotonic_clock::Duration> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, _: monotonic_clock::Instant) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe_duration(0)
    }

    fn subscribe_duration(
        &mut self,
        _: monotonic_clock::Duration,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let now = self.0.push(Now)?;
        subscribe(self.0, now)
    }
}

struct Now;

#[async_trait::async_trait]
impl Pollable for Now {
    async fn ready(&mut self) {}
}

/// For hash tables and the like, and never for keys: everybody knows them.
fn numbers() -> Vec<u8> {
    let block = |number: u64| Digest::of(number.to_le_bytes()).hex().into_bytes();
    (0..RANDOM / 64).flat_map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_interpreter_needs_is_offered() {
        for import in [
            "wasi:cli/stderr@0.2.0",
            "wasi:sockets/tcp@0.2.6",
            "wasi:io/poll@0.2.3",
        ] {
            assert!(is_offered(import), "{import}");
        }
        for import in [
            "wasi:http/outgoing-handler@0.2.0",
            "wasi:cli/stderr@0.3.0",
            "wasi:cli/stderr",
            "wasi:cli",
            "wasi:keyvalue/store@0.2.0",
            "slipway:plugin/log@0.1.0",
            "evil:wasi:cli/stderr@0.2.0",
        ] {
            assert!(!is_offered(import), "{import}");
        }
    }
}
