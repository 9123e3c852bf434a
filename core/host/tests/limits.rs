//! Guests that misbehave: each is stopped, the error names what it did, and the host goes on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::time::Duration;

use kit::{Arg, Guest, Tape, run, run_within, target, text};
use slipway_host::{Host, Limits};
use slipway_model::Digest;
use slipway_plugin::{Blame, Call, PluginError, Plugins};

fn small() -> Limits {
    Limits {
        computing: Duration::from_millis(300),
        memory: 8 << 20,
        host_call: 1 << 20,
        log_lines: 10,
        effects: 20,
        ..Limits::default()
    }
}

#[track_caller]
fn check(result: Result<(), PluginError>, expected: &str) {
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("plugin guest broke in stop: {expected}")
    );
    assert_eq!(error.blame(), Blame::Guest);
}

async fn misbehave(guest: Guest) -> Result<(), PluginError> {
    run_within(&guest, small(), Call::new(Tape::new())).await
}

#[tokio::test]
async fn an_endless_loop_is_stopped() {
    check(
        misbehave(Guest::new().wat("(loop (br 0))")).await,
        "computing limit 0.3 s reached",
    );
}

#[tokio::test]
async fn memory_is_bounded() {
    let hungry = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    check(
        misbehave(Guest::new().wat(hungry)).await,
        "memory limit 8 MiB reached",
    );
}

#[tokio::test]
async fn memory_at_the_start_is_bounded() {
    let guest = Guest::new().extra("(table 200000 funcref)");
    let mut host = Host::new(small());
    host.add("guest", guest.module(), None).unwrap();
    let error = host.target("guest").await.err().unwrap().to_string();
    assert_eq!(
        error,
        "plugin guest broke in describe: table limit 100000 elements reached"
    );
}

#[tokio::test]
async fn recursion_is_bounded() {
    let guest = Guest::new()
        .extra("(func $deep (call $deep) (call $deep))")
        .wat("(call $deep)");
    let error = misbehave(guest).await.unwrap_err().to_string();
    let expected =
        "plugin guest broke in stop: stack limit 1 MiB reached: it calls itself too deeply, in `deep`";
    assert_eq!(error, expected);
}

#[tokio::test]
async fn what_it_hands_over_is_bounded() {
    let guest = Guest::new().wat("(drop (memory.grow (i32.const 64)))").call(
        "log",
        "emit",
        &[Arg::Int(1), Arg::Int(0), Arg::Int(2 << 20)],
    );
    check(misbehave(guest).await, "host call limit 1 MiB reached");
}

#[tokio::test]
async fn log_lines_are_bounded() {
    let error = misbehave(Guest::new().forever("log", "emit", &[Arg::Int(1), text("again")]))
        .await
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("plugin guest broke in stop: log limit 10 lines reached"),
        "{error}"
    );
}

#[tokio::test]
async fn effects_are_bounded() {
    check(
        misbehave(Guest::new().forever("clock", "now", &[])).await,
        "effects limit 20 reached",
    );
}

#[tokio::test]
async fn waiting_is_bounded_by_the_call() {
    let limits = Limits {
        call: Duration::from_millis(50),
        ..Limits::default()
    };
    let guest = Guest::new().call("clock", "sleep", &[Arg::Long(i64::MAX)]);
    let result = run_within(&guest, limits, Call::new(Tape::new())).await;
    check(result, "time limit 0.05 s reached");
}

#[tokio::test]
async fn a_trap_is_told_with_its_last_words() {
    let guest = Guest::new()
        .log("starting")
        .log("panicked at 'no such thing', src/lib.rs:7")
        .extra("(func $give_up unreachable)")
        .wat("(call $give_up)");
    check(
        misbehave(guest).await,
        "it gave up (panicked or aborted), in `give_up`; \
         it last logged: starting | panicked at 'no such thing', src/lib.rs:7",
    );
    check(
        misbehave(Guest::new().wat("(drop (i32.div_u (i32.const 1) (i32.const 0)))"))
            .await
            .map_err(without_place),
        "it divided by zero",
    );
}

#[tokio::test]
async fn after_it_broke_it_is_simply_called_again() {
    let plugin = target(
        &Guest::new()
            .log("once")
            .wat("unreachable")
            .observing("shop-1", &revision()),
        small(),
    )
    .await;
    for _ in 0..3 {
        let stopped = plugin
            .stop(Call::new(Tape::new()), kit::place(), "shop-1".parse().unwrap())
            .await;
        assert!(matches!(stopped, Err(PluginError::Broke { .. })));
        let observed = plugin
            .observe(Call::new(Tape::new()), kit::place())
            .await
            .unwrap();
        assert_eq!(observed[0].name.as_str(), "shop-1");
    }
}

#[tokio::test]
async fn an_answer_without_meaning_is_told() {
    for (name, revision, expected) in [
        (
            "../etc",
            revision(),
            "plugin guest broke in observe: its answer has no meaning: instance: an instance name is made of lower-case letters, digits and inner hyphens, `../etc` is not",
        ),
        (
            "shop-1",
            "latest".to_owned(),
            "plugin guest broke in observe: its answer has no meaning: revision: `latest` is not a digest: `sha256:` and 64 lower-case hexadecimal digits",
        ),
    ] {
        let plugin = target(&Guest::new().observing(name, &revision), small()).await;
        let error = plugin
            .observe(Call::new(Tape::new()), kit::place())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_hundred_calls_at_once_do_not_meet() {
    let plugin = target(
        &Guest::new().call("clock", "sleep", &[Arg::Long(1)]).log("done"),
        Limits::default(),
    )
    .await;
    let call = |_| async {
        let tape = Tape::new();
        plugin
            .stop(Call::new(tape.clone()), kit::place(), "shop-1".parse().unwrap())
            .await
            .unwrap();
        tape.effects().len()
    };
    let calls = futures_util::future::join_all((0..100).map(call)).await;
    assert!(calls.iter().all(|effects| *effects == 2));
}

#[tokio::test]
async fn an_endless_loop_does_not_stop_the_program() {
    let spin = Guest::new().wat("(loop (br 0))");
    let brief = Guest::new().log("x");
    let (spun, quick) = tokio::join!(misbehave(spin), run(&brief, Call::new(Tape::new())));
    assert!(spun.is_err());
    quick.unwrap();
}

fn revision() -> String {
    Digest::of("revision").to_string()
}

/// Without the name of the function, which is the whole name of the export here.
fn without_place(error: PluginError) -> PluginError {
    match error {
        PluginError::Broke { plugin, verb, cause } => {
            let cause = cause.split(", in `").next().unwrap_or_default().to_owned();
            PluginError::Broke { plugin, verb, cause }
        }
        other => other,
    }
}
