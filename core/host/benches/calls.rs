//! What the host costs on top of wasmtime: a plugin loaded, called, and calling back, each beside the same done with
//! wasmtime alone. `cargo bench -p slipway-host`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it measures, prints and ends"
)]

#[path = "../tests/kit/mod.rs"]
mod kit;

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use kit::{Arg, Guest, text};
use slipway_host::{Embedded, Host, precompile};
use slipway_plugin::{
    Begin, Call, Effect, EffectResult, Kind, Plugins, RecordError, Recorder, Target, Ticket,
};
use wasmtime::{
    Config, Engine, Store,
    component::{Component, Linker, Val},
};

const CALLS: u32 = 1000;
const ROUNDS: u32 = 20;
const TARGET: &str = "slipway:plugin/target@0.1.0";

/// Keeps nothing: what the journal costs is measured where the journal is.
struct Forgetful;

#[async_trait::async_trait]
impl Recorder for Forgetful {
    async fn begin(&self, _effect: Effect) -> Result<Begin, RecordError> {
        Ok(Begin::Perform(Ticket(0)))
    }

    async fn finish(&self, _ticket: Ticket, _result: &EffectResult) -> Result<(), RecordError> {
        Ok(())
    }
}

fn component(guest: &Guest) -> &'static [u8] {
    let mut encoder = wit_component::ComponentEncoder::default();
    encoder.module(&guest.module()).unwrap().encode().unwrap().leak()
}

/// The best of several rounds of each, in turns: what else the machine does only adds to it, and does so to both.
fn show(what: &str, mut host: impl FnMut() -> Duration, mut raw: impl FnMut() -> Duration) {
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (micros(host()), micros(raw()))).collect();
    let host = rounds.iter().map(|round| round.0).fold(f64::INFINITY, f64::min);
    let raw = rounds.iter().map(|round| round.1).fold(f64::INFINITY, f64::min);
    println!(
        "{what:<40} {host:>9.2} us   wasmtime alone {raw:>9.2} us   ratio {:.2}",
        host / raw
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn raw_engine() -> Engine {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true);
    Engine::new(&config).unwrap()
}

/// Everything that the guest imports, answered at once.
fn raw_linker(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker.instance("slipway:plugin/types@0.1.0").unwrap();
    let mut clock = linker.instance("slipway:plugin/clock@0.1.0").unwrap();
    clock
        .func_wrap_async("now", |_, (): ()| Box::new(async { Ok((black_box(7_u64),)) }))
        .unwrap();
    linker
}

/// One call of `stop` in a fresh instance.
async fn raw_call(engine: &Engine, component: &wasmtime::component::InstancePre<()>) {
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = component.instantiate_async(&mut store).await.unwrap();
    let interface = instance.get_export_index(&mut store, None, TARGET).unwrap();
    let stop = instance
        .get_export_index(&mut store, Some(&interface), "stop")
        .unwrap();
    let stop = instance.get_func(&mut store, stop).unwrap();
    let text = |text: &str| Val::String(text.to_owned());
    let place = Val::Record(vec![
        ("service".to_owned(), text("shop")),
        ("environment".to_owned(), text("prod")),
        ("settings".to_owned(), text("{}")),
    ]);
    let mut results = [Val::Bool(false)];
    stop.call_async(&mut store, &[place, text("shop-1")], &mut results)
        .await
        .unwrap();
}

async fn call(target: &Arc<dyn Target>, recorder: &Arc<Forgetful>) {
    target
        .stop(
            Call::new(recorder.clone()),
            kit::place(),
            "shop-1".parse().unwrap(),
        )
        .await
        .unwrap();
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let engine = raw_engine();
    let recorder = Arc::new(Forgetful);

    let idle = component(&Guest::new().call("clock", "now", &[]));
    let compiled: &'static [u8] = precompile(idle).unwrap().leak();
    let raw_compiled = engine.precompile_component(idle).unwrap();
    let embedded = Embedded {
        kind: Kind::Target,
        name: "guest",
        component: idle,
        precompiled: compiled,
    };
    let load = || {
        let host = Host::default().with_embedded(&[embedded]);
        let start = Instant::now();
        runtime.block_on(host.target("guest")).unwrap();
        start.elapsed()
    };
    #[expect(unsafe_code, reason = "compiled three lines above by the same engine")]
    // SAFETY: see the reason above.
    let raw_load_one = || unsafe { Component::deserialize(&engine, &raw_compiled) }.unwrap();
    let raw_load = || {
        let start = Instant::now();
        let pre = raw_linker(&engine).instantiate_pre(&raw_load_one()).unwrap();
        runtime.block_on(raw_call(&engine, &pre));
        start.elapsed()
    };
    show("load precompiled, link, first call", load, raw_load);

    let host = Host::default().with_embedded(&[embedded]);
    let one = runtime.block_on(host.target("guest")).unwrap();
    let pre = raw_linker(&engine).instantiate_pre(&raw_load_one()).unwrap();
    let each = |time: Duration| time / CALLS;
    let called = || {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..CALLS {
                call(&one, &recorder).await;
            }
            each(start.elapsed())
        })
    };
    let raw_called = || {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..CALLS {
                raw_call(&engine, &pre).await;
            }
            each(start.elapsed())
        })
    };
    show("instantiate, call with one effect, drop", called, raw_called);

    let busy = (0..CALLS).fold(Guest::new(), |guest, _| guest.call("clock", "now", &[]));
    let busy = component(&busy);
    let compiled: &'static [u8] = precompile(busy).unwrap().leak();
    let embedded = Embedded {
        kind: Kind::Target,
        name: "guest",
        component: busy,
        precompiled: compiled,
    };
    let host = Host::default().with_embedded(&[embedded]);
    let many = runtime.block_on(host.target("guest")).unwrap();
    let raw_many = Component::new(&engine, busy).unwrap();
    let raw_many = raw_linker(&engine).instantiate_pre(&raw_many).unwrap();
    let effects = || {
        let start = Instant::now();
        runtime.block_on(call(&many, &recorder));
        each(start.elapsed())
    };
    let raw_effects = || {
        let start = Instant::now();
        runtime.block_on(raw_call(&engine, &raw_many));
        each(start.elapsed())
    };
    show("effect without a journal, per effect", effects, raw_effects);

    let line = Guest::new().call("log", "emit", &[Arg::Int(1), text("x".repeat(1024))]);
    let line = (0..CALLS).fold(line, |guest, _| guest.log(&"x".repeat(1024)));
    let mut host = Host::default();
    host.add("guest", line.module(), None).unwrap();
    let lines = runtime.block_on(host.target("guest")).unwrap();
    let per_line = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        runtime.block_on(call(&lines, &recorder));
        micros(each(start.elapsed()))
    });
    println!(
        "{:<40} {:>9.2} us",
        "log line of 1 KiB",
        per_line.fold(f64::INFINITY, f64::min)
    );
}
