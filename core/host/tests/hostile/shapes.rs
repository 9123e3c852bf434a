//! Components shaped as those were that engines had bugs with: what the contract does not need is off, and the rest is
//! bounded and stays in its place.

use crate::{
    kit::{self, Guest},
    table::{Row, describes_badly, gets, not_load},
};

/// With it in a component of its own that is instantiated beside.
fn refused(tries: &str, fields: &str, expected: &str) -> Row {
    let fields = fields.to_owned();
    Row::wasm(
        tries,
        move |_| Guest::new().with_component(&fields),
        not_load(expected),
    )
}

fn breaks(tries: &str, fields: &str, expected: &str) -> Row {
    let fields = fields.to_owned();
    Row::wasm(
        tries,
        move |_| Guest::new().with_component(&fields),
        describes_badly(expected),
    )
}

fn harmless(tries: &str, why: &'static str, fields: &str) -> Row {
    let fields = fields.to_owned();
    Row::wasm(
        tries,
        move |_| Guest::new().with_component(&fields),
        gets(why, ""),
    )
}

fn module(tries: &str, fields: &str, expected: &str) -> Row {
    Row::new(tries, Guest::new().extra(fields), not_load(expected))
}

/// With one more section of types.
fn section(tries: &str, types: Vec<u8>, expected: &str) -> Row {
    let wasm = move |_: &_| {
        let mut component = Guest::new().component();
        kit::section(&mut component, 7, &types);
        component
    };
    Row::wasm(tries, wasm, not_load(expected))
}

/// A component that takes a text in one encoding, and one that gives it in another from this place.
fn transcoding(from: &str, to: &str, at: i64, length: i64, room: &str) -> String {
    format!(
        r#"(component $taker
            (core module $m (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) {room})
                (func (export "take") (param i32 i32)))
            (core instance $i (instantiate $m))
            (alias core export $i "memory" (core memory $memory))
            (alias core export $i "realloc" (core func $realloc))
            (alias core export $i "take" (core func $take))
            (type $take (func (param "text" string)))
            (func (export "take") (type $take)
                (canon lift (core func $take) (memory $memory) (realloc $realloc) string-encoding={to})))
        (instance $taker (instantiate $taker))
        (alias export $taker "take" (func $take))
        (component $giver
            (import "take" (func $take (param "text" string)))
            (core module $memory (memory (export "memory") 1))
            (core instance $i (instantiate $memory))
            (alias core export $i "memory" (core memory $memory))
            (core func $lowered (canon lower (func $take) (memory $memory) string-encoding={from}))
            (core module $m (import "" "take" (func $take (param i32 i32)))
                (func $s (call $take (i32.const {at}) (i32.const {length}))) (start $s))
            (core instance (instantiate $m (with "" (instance (export "take" (func $lowered)))))))
        (instance (instantiate $giver (with "take" (func $take))))"#
    )
}

/// A resource of its own, and what is done with it at once.
fn resource(body: &str) -> String {
    format!(
        r#"(type $r (resource (rep i32))) (type $other (resource (rep i32)))
        (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r))
        (core func $rep (canon resource.rep $r)) (core func $drop-other (canon resource.drop $other))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
            (import "" "rep" (func $rep (param i32) (result i32))) (import "" "drop-other" (func $drop-other (param i32)))
            (func $s {body}) (start $s))
        (core instance (instantiate $m (with "" (instance
            (export "new" (func $new)) (export "drop" (func $drop))
            (export "rep" (func $rep)) (export "drop-other" (func $drop-other))))))"#
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let flags: String = (0..33).map(|number| format!("\"f{number}\" ")).collect();
    let cases: String = (0..1001).map(|number| format!("(case \"c{number}\") ")).collect();
    let nested = |depth: usize| {
        format!(
            "(type $t0 string) {}",
            (1..depth)
                .map(|at| format!("(type $t{at} (list $t{})) ", at - 1))
                .collect::<String>()
        )
    };
    let doubled: String = (1..60)
        .map(|at| format!("(type $t{at} (tuple $t{0} $t{0})) ", at - 1))
        .collect();
    let types =
        |count: &[u8], each: &[u8], times: usize, end: &[u8]| [count, &each.repeat(times), end].concat();
    let utf8 = "strings that are not UTF-8";
    let unneeded = |what: &str| format!("it has {what}, which no plugin needs: build it with the plugin kit");
    let room = "i32.const 0";
    vec![
        refused(
            "strings in UTF-16",
            &transcoding("utf16", "utf8", 0, 8, room),
            &unneeded(utf8),
        ),
        refused(
            "strings in Latin-1 or UTF-16",
            &transcoding("utf8", "latin1+utf16", 0, 8, room),
            &unneeded(utf8),
        ),
        breaks(
            "a text between components from outside of memory",
            &transcoding("utf8", "utf8", 65_530, 100, room),
            "string content out-of-bounds…",
        ),
        breaks(
            "a text between components from the end of all numbers",
            &transcoding("utf8", "utf8", -1, -1, room),
            "string content out-of-bounds…",
        ),
        breaks(
            "a text between components to outside of memory",
            &transcoding("utf8", "utf8", 0, 100, "i32.const 65530"),
            "string content out-of-bounds…",
        ),
        breaks(
            "a text between components to the end of all numbers",
            &transcoding("utf8", "utf8", 0, 100, "i32.const -1"),
            "string content out-of-bounds…",
        ),
        breaks(
            "room between components that is never found",
            &transcoding("utf8", "utf8", 0, 100, "(loop (br 0)) unreachable"),
            "computing limit 0.5 s reached…",
        ),
        breaks(
            "a handle that is dropped twice",
            &resource(
                "(local i32) (local.set 0 (call $new (i32.const 1))) (call $drop (local.get 0)) (call $drop (local.get 0))",
            ),
            "unknown handle index 1…",
        ),
        breaks(
            "a handle that there is not",
            &resource("(drop (call $rep (i32.const 7)))"),
            "unknown handle index 7…",
        ),
        breaks(
            "the handle 0",
            &resource("(call $drop (i32.const 0))"),
            "unknown handle index 0…",
        ),
        breaks(
            "the last handle that there can be",
            &resource("(call $drop (i32.const -1))"),
            "unknown handle index 4294967295…",
        ),
        breaks(
            "a handle as one of another kind",
            &resource("(call $drop-other (call $new (i32.const 1)))"),
            "…handle index 1…",
        ),
        refused("flags of 33", &format!("(type (flags {flags}))"), "…flags…"),
        refused("a type of a hundred lists in each other", &nested(150), "…"),
        refused(
            "a type that doubles sixty times",
            &format!("(type $t0 string) {doubled}"),
            "…type size…",
        ),
        harmless(
            "a choice of a thousand and one",
            "a type that nobody uses costs nothing",
            &format!("(type (variant {cases}))"),
        ),
        // A vector of so many functions without parameters and results.
        section(
            "a million types and one",
            types(&[0xc1, 0x84, 0x3d], &[0x40, 0, 1, 0], 1_000_001, &[]),
            "…",
        ),
        section(
            "instance types, 100,000 deep",
            types(&[1], &[0x42, 1, 1], 100_000, &[0x40, 0, 1, 0]),
            "it is not a WebAssembly component: component type nesting is too deep…",
        ),
        section(
            "component types, 100,000 deep",
            types(&[1], &[0x41, 1, 1], 100_000, &[0x40, 0, 1, 0]),
            "it is not a WebAssembly component: component type nesting is too deep…",
        ),
        harmless(
            "instance types, 40 deep",
            "a type that nobody uses costs nothing",
            &format!(
                "(type {}{})",
                "(instance (type ".repeat(40) + "(func)",
                "))".repeat(40)
            ),
        ),
        refused(
            "an asynchronous export",
            r#"(core module $m (func (export "f") (result i32) i32.const 0)) (core instance $i (instantiate $m)) (alias core export $i "f" (core func $f)) (func (canon lift (core func $f) async))"#,
            &unneeded("asynchronous calls"),
        ),
        refused("a stream", "(type (stream u8))", "…"),
        refused("a future", "(type (future))", "…"),
        refused(
            "the end of a task",
            r#"(core func (canon task.return))"#,
            &unneeded("the built-in function TaskReturn"),
        ),
        refused(
            "backpressure",
            "(core func (canon backpressure.inc))",
            &unneeded("the built-in function BackpressureInc"),
        ),
        refused(
            "a set to wait on",
            "(core func (canon waitable-set.new))",
            &unneeded("the built-in function WaitableSetNew"),
        ),
        refused(
            "a context of errors",
            r#"(core module $m (memory (export "m") 1)) (core instance $i (instantiate $m)) (core func (canon error-context.drop))"#,
            &unneeded("the built-in function ErrorContextDrop"),
        ),
        refused(
            "a thread",
            "(core type $f (shared (func (param i32)))) (core func (canon thread.spawn-ref $f))",
            &unneeded("the built-in function ThreadSpawnRef"),
        ),
        module("a memory of 64 bits", "(memory i64 1)", "…"),
        module("a shared memory", "(memory 1 1 shared)", "…"),
        module("values that are collected", "(type (struct (field i32)))", "…"),
        module("exceptions", "(tag)", "…"),
        module(
            "a stack that is switched",
            "(type $f (func)) (type (cont $f))",
            "…",
        ),
        module("pages of one byte", "(memory 1 (pagesize 1))", "…"),
        module(
            "wide arithmetic",
            "(func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))",
            "…",
        ),
        module(
            "a function of 50,001 variables",
            &format!("(func (local {}))", "i32 ".repeat(50_001)),
            "…too many locals…",
        ),
        module(
            "a function of 1,001 parameters",
            &format!("(func (param {}))", "i32 ".repeat(1_001)),
            "…",
        ),
        module(
            "a memory that is there twice by name",
            "(memory (export \"memory\") 1)",
            "…",
        ),
    ]
}
