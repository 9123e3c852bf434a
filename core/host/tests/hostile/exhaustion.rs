//! Using up what the host has: memory, tables, stack, handles, records, disk, and time.

use std::time::Duration;

use slipway_host::Limits;
use slipway_model::Digest;

use crate::{
    asks::{READ, all, get},
    kit::{Arg, Guest, text},
    table::{Row, breaks, describes_badly, gets, limits, not_load, told},
};

fn does(tries: &str, instructions: &str, expected: &str) -> Row {
    Row::new(tries, Guest::new().wat(instructions), breaks(expected))
}

fn with(tries: &str, fields: &str, expected: &str) -> Row {
    Row::new(tries, Guest::new().extra(fields), describes_badly(expected))
}

/// Components beside the guest that it is instantiated with.
fn beside(tries: &str, fields: &str, expected: &str) -> Row {
    let fields = fields.to_owned();
    Row::wasm(
        tries,
        move |_| Guest::new().with_component(&fields),
        describes_badly(expected),
    )
}

fn few() -> Limits {
    Limits {
        memory: 8 << 20,
        host_call: 1 << 20,
        log_lines: 100,
        effects: 100,
        record: 4 << 20,
        ..limits()
    }
}

pub(crate) fn amounts() -> Vec<Row> {
    let grow = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let many = |what: &str, count: usize| {
        format!(
            "(core module $m {}) (core instance (instantiate $m))",
            what.repeat(count)
        )
    };
    let instances = |count: usize| {
        format!(
            "(core module $m) {}",
            "(core instance (instantiate $m))".repeat(count)
        )
    };
    let big = Arg::At(0, 2 << 20);
    let room = "(drop (memory.grow (i32.const 64)))";
    let resources = "(type $r (resource (rep i32))) (core func $new (canon resource.new $r))
        (core module $m (import \"\" \"new\" (func $new (param i32) (result i32)))
            (func $all (loop (drop (call $new (i32.const 1))) (br 0))) (start $all))
        (core instance (instantiate $m (with \"\" (instance (export \"new\" (func $new))))))";
    let line = "a".repeat(100_000);
    let mib = "a".repeat(1_000_000);
    let revision = Digest::of("revision").to_string();
    vec![
        does("memory, page after page", grow, "memory limit 256 MiB reached…"),
        does(
            "all memory at once",
            "(if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))",
            "memory limit 256 MiB reached…",
        ),
        with(
            "a table of 200,000",
            "(table 200000 funcref)",
            "table limit 100000 elements reached",
        ),
        with(
            "a hundred tables of 99,999",
            &"(table 99999 funcref)".repeat(99),
            "table limit 100000 elements reached",
        ),
        Row::new(
            "a stack without end",
            Guest::new()
                .extra("(func $deep (call $deep) (call $deep))")
                .wat("(call $deep)"),
            breaks("stack limit 1 MiB reached: it calls itself too deeply…"),
        ),
        beside(
            "eleven memories",
            &many("(memory 1)", 11),
            "…memory count too high…",
        ),
        beside(
            "a memory of 4 GiB from the start",
            "(core module $m (memory 65535)) (core instance (instantiate $m))",
            "memory limit 256 MiB reached",
        ),
        beside(
            "a hundred and twenty tables",
            &(many("(table 1 funcref)", 60) + &many("(table 1 funcref)", 60).replace("$m", "$n")),
            "…table count too high…",
        ),
        beside(
            "a hundred and one instances",
            &instances(101),
            "…instance count too high…",
        ),
        beside(
            "handles without end",
            resources,
            "cannot allocate another handle: store handle limit exceeded…",
        ),
        Row::new(
            "log lines without end",
            Guest::new().forever("log", "emit", &[Arg::Int(1), text("again")]),
            breaks("log limit 100 lines reached; it last logged: again…"),
        )
        .within(few()),
        Row::new(
            "a log line of 100,000 characters",
            Guest::new().log(&line),
            gets("the line is cut", "null"),
        ),
        Row::new(
            "effects without end",
            Guest::new().forever("clock", "now", &[]),
            breaks("effects limit 100 reached"),
        )
        .within(few()),
        Row::new(
            "progress without end",
            Guest::new().forever(
                "progress",
                "report",
                &[text("x"), Arg::Long(1), Arg::Int(0), Arg::Long(0)],
            ),
            breaks("computing limit 0.5 s reached…"),
        ),
        Row::new(
            "a record without end",
            Guest::new().forever("files", "read", &[text("work"), text(&mib)]),
            breaks("record limit 4 MiB reached…"),
        )
        .within(few()),
        Row::new(
            "answers without end",
            Guest::new().forever("state", "get", &[]),
            breaks("effects limit 100 reached…"),
        )
        .within(few()),
        Row::new(
            "2 MiB in one call",
            Guest::new()
                .wat(room)
                .call("log", "emit", &[Arg::Int(1), big.clone()]),
            breaks("host call limit 1 MiB reached"),
        )
        .within(few()),
        Row::new(
            "twenty answers of 1 MiB at once",
            all("/mib", 20, READ),
            breaks("record limit 4 MiB reached"),
        )
        .within(Limits {
            call: Duration::from_secs(20),
            ..few()
        }),
        Row::new(
            "a hundred and one requests at once",
            all("/mib", 101, READ),
            gets("they are refused before one is sent", ""),
        )
        .within(few()),
        Row::new(
            "a list of four thousand million",
            Guest::new().call("http", "send-all", &[text("api"), Arg::At(0, 0xffff_ffff)]),
            breaks("…out of bounds…"),
        ),
        Row::new(
            "instances without end",
            Guest::new()
                .observing("shop-1", &revision)
                .observing_at(4096, 0x0400_0000),
            breaks("…").observe(),
        )
        .observed(),
        Row::new(
            "an answer of 9 MiB",
            get("/big"),
            told("endpoint `api` answered more than 8 MiB"),
        ),
        Row::new(
            "a state of 2 MiB",
            Guest::new().wat(room).call("state", "put", &[big]),
            told("the state has 2097152 bytes, at most 1 MiB are kept"),
        ),
        Row::new(
            "a state nested 100,000 deep",
            Guest::new().call("state", "put", &[text("[".repeat(100_000))]),
            told("the state is not JSON: recursion limit exceeded…"),
        ),
        Row::wasm(
            "65 MiB of component",
            |_| vec![0; (64 << 20) + 1],
            not_load("it has 67108865 bytes, and a plugin has at most 67108864"),
        ),
    ]
}

pub(crate) fn times() -> Vec<Row> {
    let spin = "(loop (br 0))";
    let computing = "computing limit 0.5 s reached…";
    let time = "time limit 1 s reached…";
    let patient = Limits {
        computing: Duration::from_secs(60),
        ..limits()
    };
    let in_turn = "(loop $out (call $log.emit (i32.const 0) (i32.const 0) (i32.const 0)) (local.set 0 (i32.const 50000000))
        (loop $in (br_if $in (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (br $out))";
    let start =
        |body: &str| format!("(core module $m (func $s {body}) (start $s)) (core instance (instantiate $m))");
    let (loops, ends) = (
        "(loop (block (br_if 1 (local.get 0)) ".repeat(5000),
        "))".repeat(5000),
    );
    let mazes = format!("(func (param i32) {loops} {ends})");
    let describing = Guest::new().describing_by(spin);
    let sleep = |ms: i64| Guest::new().call("clock", "sleep", &[Arg::Long(ms)]);
    let slow = crate::asks::Request {
        path: "/slow",
        ..Default::default()
    };
    vec![
        does("computes without end", spin, computing),
        does("computes without end, with all the time of the call", spin, time).within(patient.clone()),
        Row::new(
            "calls itself without end and without a stack",
            Guest::new().extra("(func $f (return_call $f))").wat("(call $f)"),
            breaks(computing),
        ),
        Row::new(
            "computes between calls to the host",
            Guest::new().log("x").wat(in_turn),
            breaks("time limit 1 s reached…"),
        )
        .within(patient),
        Row::new("sleeps without end", sleep(i64::MAX), breaks(time)),
        Row::new("sleeps for as long as there are numbers", sleep(-1), breaks(time)),
        Row::new(
            "sleeps again and again",
            Guest::new().forever("clock", "sleep", &[Arg::Long(100)]),
            breaks(time),
        ),
        Row::new(
            "asks what does not answer, again and again",
            slow.after(slow.after(Guest::new())),
            breaks(time),
        ),
        Row::new(
            "a program that takes its time, again and again",
            crate::asks::program("local", "sleep", &["600"], &[]).forever(
                "clock",
                "sleep",
                &[Arg::Long(300)],
            ),
            breaks(time),
        ),
        Row::new(
            "describes itself without end",
            describing,
            describes_badly(computing),
        ),
        Row::new(
            "calls the host while it describes itself",
            Guest::new().describing("clock", "sleep", &[Arg::Long(i64::MAX)]),
            describes_badly("describe must have no effects, and called clock.sleep…"),
        ),
        Row::new(
            "logs without end while it describes itself",
            Guest::new()
                .log("x")
                .describing_by("(loop (call $log.emit (i32.const 0) (i32.const 0) (i32.const 0)) (br 0))"),
            describes_badly("log limit 10000 lines reached…"),
        ),
        Row::new(
            "a function that is compiled for minutes",
            Guest::new().extra(&mazes),
            not_load("compiling limit 0.3 s reached"),
        )
        .within(Limits {
            compiling: Duration::from_millis(300),
            ..limits()
        }),
        beside("begins without end", &start(spin), computing),
        beside(
            "begins by giving up",
            &start("unreachable"),
            "it gave up (panicked or aborted)…",
        ),
        Row::new(
            "fills memory again and again",
            Guest::new().wat("(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 200000)) (br 0))"),
            breaks(computing),
        ),
    ]
}
