//! What is said to the journal, and what a call says when it is run again.

use std::sync::Arc;

use serde_json::json;
use slipway_plugin::{Effect, EffectClass, Kind, ReadOnly, Recorder, Unrecorded};

use crate::{
    asks::{ONCE, Request, all},
    kit::{Guest, Tape, text},
    table::{Must, Row, gets, told},
    world::World,
};

fn post(effect: i32) -> Guest {
    posting("/order", &[], effect)
}

fn posting(path: &str, headers: &[(&str, &str)], effect: i32) -> Guest {
    let request = Request {
        method: "POST",
        path,
        headers,
        effect,
        ..Request::default()
    };
    request.guest()
}

fn put() -> Guest {
    Guest::new().call("state", "put", &[text("{}")])
}

fn recorded_by(row: Row, recorder: impl Recorder + Clone + 'static) -> Row {
    row.call(move |world| {
        let mut call = world.call();
        call.recorder = Arc::new(recorder.clone());
        call
    })
}

fn refused(tries: &str, guest: Guest, expected: &str) -> Row {
    Row::new(tries, guest, Must::Record(expected.to_owned()))
}

pub(crate) fn spoofing() -> Vec<Row> {
    let only_looks = "…would change something, and this command only looks";
    vec![
        Row::new(
            "a write that it calls `read`",
            post(0),
            gets(
                "it only says that it may be repeated; what it may reach is the grant's to say",
                "{\"status\":200…",
            ),
        ),
        recorded_by(
            refused("a write while people only look", post(1), only_looks),
            ReadOnly,
        ),
        recorded_by(
            refused("state while people only look", put(), only_looks),
            ReadOnly,
        ),
        recorded_by(
            refused(
                "`once` in what may be repeated at any time",
                post(ONCE),
                "…must not be repeated, and this call may be at any time",
            ),
            Unrecorded,
        ),
        Row::new(
            "a check that writes",
            Request {
                method: "POST",
                effect: 1,
                ..Request::default()
            }
            .after(Guest::of(Kind::Check)),
            Must::Break(
                "check",
                "…would change something, and a check may only read".to_owned(),
            ),
        ),
        Row::new(
            "a key of idempotency and an id of its own",
            posting(
                "/order",
                &[
                    ("idempotency-key", "run-1"),
                    ("x-request-id", "run-1"),
                    ("traceparent", "00-0-0-0"),
                ],
                ONCE,
            ),
            gets(
                "the host does not go by them: an effect is known by its place in the record",
                "{\"status\":200…",
            ),
        ),
        Row::new(
            "the fence of another run",
            posting("/order", &[("slipway-fence", "18446744073709551615")], 1),
            told("header `slipway-fence` is the host's to set"),
        ),
        Row::new(
            "the scope of another environment",
            posting("/order", &[("slipway-scope", "shop/stage")], 1),
            told("header `slipway-scope` is the host's to set"),
        ),
        Row::new(
            "a log line like one of the journal",
            Guest::new().log("{\"effect\":7,\"outcome\":\"ok\"}\n{\"run\":\"other\"}"),
            gets("it is one line of a log, as text", "null"),
        ),
        Row::new(
            "`once` within many",
            all("/", 1, ONCE),
            gets("it is refused before it is recorded", ""),
        ),
    ]
}

/// A call is run again against what is recorded of another one.
fn again(tries: &str, guest: Guest, recorded: Vec<Effect>, expected: &str) -> Row {
    Row::new(tries, guest, Must::Record(expected.to_owned())).call(move |world: &World| {
        let tape = Tape::of(recorded.clone());
        world.call_of(tape)
    })
}

fn effect(capability: &str, operation: &str, class: EffectClass, request: serde_json::Value) -> Effect {
    Effect {
        capability: capability.to_owned(),
        operation: operation.to_owned(),
        class,
        request,
    }
}

pub(crate) fn replays() -> Vec<Row> {
    let now = || effect("clock", "now", EffectClass::Read, json!({}));
    let read = |path: &str| {
        effect(
            "files",
            "read",
            EffectClass::Read,
            json!({ "folder": "work", "path": path }),
        )
    };
    let reads = |path: &str| Guest::new().call("files", "read", &[text("work"), text(path)]);
    vec![
        again(
            "another effect than before",
            reads("own"),
            vec![now()],
            "its effect 0 was clock.now {} and is now files.read {\"folder\":\"work\",\"path\":\"own\"}",
        ),
        again(
            "the same with another path",
            reads("own"),
            vec![read("other")],
            "its effect 0 was files.read {\"folder\":\"work\",\"path\":\"other\"} and is now …",
        ),
        again(
            "the same of another class",
            put(),
            vec![effect(
                "state",
                "put",
                EffectClass::Once,
                json!({ "value": "{}" }),
            )],
            "its effect 0 was state.put … and is now state.put …",
        ),
        again(
            "two effects in another order",
            reads("own").call("clock", "now", &[]),
            vec![now(), read("own")],
            "its effect 0 was clock.now …",
        ),
        again(
            "one more before the others",
            Guest::new().log("new").call("clock", "now", &[]),
            vec![now()],
            "its effect 0 was clock.now {} and is now log.emit …",
        ),
        again(
            "another document for its state",
            put(),
            vec![effect(
                "state",
                "put",
                EffectClass::Idempotent,
                json!({ "value": "{\"a\":1}" }),
            )],
            "its effect 0 was state.put …",
        ),
    ]
}
