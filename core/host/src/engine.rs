//! The one engine: deterministic, interruptible, with nothing switched on that the contract does not need.

use std::{
    hash::{Hash, Hasher},
    sync::{LazyLock, OnceLock},
    thread,
    time::Duration,
};

use wasmtime::{Config, Engine};

/// How often a computing guest is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(100);

static ENGINE: LazyLock<Result<Engine, String>> =
    LazyLock::new(|| build().map_err(|error| format!("{error:#}")));
static TICKER: OnceLock<Result<(), String>> = OnceLock::new();

/// Made on first use: a command that runs no plugin does not pay for it.
pub(crate) fn engine() -> Result<&'static Engine, String> {
    ENGINE.as_ref().map_err(Clone::clone)
}

/// Starts the thread that moves the epoch, once per process.
pub(crate) fn start_ticking(engine: &'static Engine) -> Result<(), String> {
    let tick = move || {
        loop {
            thread::sleep(TICK);
            engine.increment_epoch();
        }
    };
    let start = || {
        thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(tick)
            .map(drop)
    };
    TICKER
        .get_or_init(|| start().map_err(|error| format!("the thread that stops endless plugins: {error}")))
        .clone()
}

/// Names what compiled code depends on besides the component: version and settings of the engine.
pub(crate) fn compatibility(engine: &Engine) -> [u8; 8] {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish().to_le_bytes()
}

/// FNV-1a: the standard library's hasher may differ between the build that precompiled and the one that loads.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn build() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .cranelift_nan_canonicalization(true)
        .epoch_interruption(true)
        .max_wasm_stack(1 << 20)
        .async_stack_size(3 << 20);
    Engine::new(&config)
}
