//! Blobs that were not handed over, and entering where one is already.

use std::fs;

use slipway_model::Digest;

use crate::{
    kit::{Arg, Guest, text},
    table::{Row, breaks, gets, told},
};

fn read(blob: &str) -> Guest {
    Guest::new().call("blobs", "read", &[text(blob)])
}

fn forged(tries: &str, blob: &str) -> Row {
    let expected = format!("blob `{}` was not handed to this call", blob.escape_debug());
    Row::new(tries, read(blob), told(expected)).call(|world| world.handing(b"mine"))
}

pub(crate) fn blobs() -> Vec<Row> {
    let (mine, other) = (
        Digest::of("mine").to_string(),
        Digest::of("of another call").to_string(),
    );
    let elsewhere = read(&other);
    vec![
        forged("the digest of what another call has", &other),
        forged("a path for a digest", "../blob"),
        forged("the digest in capitals", &mine.to_uppercase()),
        forged("the digest without its algorithm", &mine["sha256:".len()..]),
        forged("half of the digest", &mine[..40]),
        forged(
            "the digest of another algorithm",
            &mine.replace("sha256", "sha512"),
        ),
        forged("the digest and a path behind it", &format!("{mine}/../x")),
        forged("the digest and a zero byte", &format!("{mine}\0")),
        forged("no digest", ""),
        Row::new(
            "what an earlier call was handed",
            elsewhere,
            told(format!("blob `{other}` was not handed to this call")),
        )
        .call(|world| {
            let earlier = world.handing(b"of another call");
            drop(earlier);
            world.call()
        }),
        Row::new(
            "bytes that were changed since",
            read(&mine),
            told(format!("the bytes kept as blob {mine} are …")),
        )
        .call(|world| {
            let call = world.handing(b"mine");
            fs::write(world.at("blob"), "other bytes").unwrap();
            call
        }),
        Row::new(
            "its own",
            read(&mine),
            gets("that is what it was handed", "\"mine\""),
        )
        .call(|world| world.handing(b"mine")),
        Row::new(
            "places it as the folder itself",
            Guest::new().call(
                "blobs",
                "place",
                &[text(&mine), text("work"), text(""), Arg::Int(1)],
            ),
            told("cannot write `` in folder `work`: …"),
        )
        .call(|world| world.handing(b"mine")),
        Row::new(
            "places it through a link that leaves",
            Guest::new().call(
                "blobs",
                "place",
                &[text(&mine), text("work"), text("up/x"), Arg::Int(1)],
            ),
            told("cannot write `up/x` in folder `work`: …"),
        )
        .call(|world| world.handing(b"mine")),
        Row::new(
            "a receipt for what was never unpacked",
            receipt(&mine),
            gets("it deceives itself: it may write there anyway", "\"its own\""),
        )
        .call(|world| world.handing(b"mine")),
        Row::new(
            "sends a blob that it was not handed",
            send(&other),
            told(format!("blob `{other}` was not handed to this call")),
        )
        .call(|world| world.handing(b"mine")),
    ]
}

/// Says that it was unpacked, and puts something else there.
fn receipt(blob: &str) -> Guest {
    let written = format!("{{\"blob\":\"{blob}\",\"strip\":0}}");
    Guest::new()
        .call("files", "write", &[text("work"), text("app/x"), text("its own")])
        .call(
            "files",
            "write",
            &[text("work"), text(".app.unpacked"), text(written)],
        )
        .call(
            "blobs",
            "unpack",
            &[text(blob), text("work"), text("app"), Arg::Int(0)],
        )
        .call("files", "read", &[text("work"), text("app/x")])
}

fn send(blob: &str) -> Guest {
    let arguments = [
        text("api"),
        text("PUT"),
        text("/"),
        crate::kit::pairs(&[]),
        Arg::Int(1),
        text(blob),
        Arg::Int(0),
        Arg::Int(0),
        Arg::Int(5000),
        Arg::Int(0),
        Arg::Int(0),
    ];
    Guest::new().call("http", "send", &arguments)
}

/// The host asks for room in the midst of a call: from there it is not to be called.
pub(crate) fn reentry() -> Vec<Row> {
    let asking = || {
        Guest::new()
            .call("state", "get", &[])
            .call("files", "read", &[text("work"), text("own")])
    };
    let cannot = "it called the host where it may only answer…";
    let after = |body: &str| {
        format!("(func (export \"cabi_post_slipway:plugin/target@0.1.0#stop\") (param i32) {body})")
    };
    vec![
        Row::new(
            "calls the host while it is asked for room",
            asking()
                .call("clock", "now", &[])
                .realloc("(drop (call $clock.now)) (unreachable)"),
            breaks(cannot),
        ),
        Row::new(
            "sleeps while it is asked for room",
            asking()
                .call("clock", "sleep", &[Arg::Long(0)])
                .realloc("(call $clock.sleep (i64.const 600000)) (unreachable)"),
            breaks(cannot),
        ),
        Row::new(
            "never finds room",
            asking().realloc("(loop (br 0)) (unreachable)"),
            breaks("computing limit 0.5 s reached…"),
        ),
        Row::new(
            "asks itself for room in turn",
            asking().realloc("(call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3))"),
            breaks("stack limit 1 MiB reached: it calls itself too deeply…"),
        ),
        Row::new(
            "finds room outside of its memory",
            asking().realloc("(i32.const 0x7ffffff0)"),
            breaks("realloc return: beyond end of memory"),
        ),
        Row::new(
            "finds room at the end of all memory",
            asking().realloc("(i32.const -8)"),
            breaks("realloc return: beyond end of memory"),
        ),
        Row::new(
            "finds room that is not aligned",
            Guest::new()
                .call("files", "list-files", &[text("work"), text("")])
                .realloc(
                    "(select (i32.const 60001) (i32.const 60000) (i32.gt_u (local.get 2) (i32.const 1)))",
                ),
            breaks("realloc return: result not aligned"),
        ),
        Row::new(
            "finds room on its own data",
            asking().realloc("(i32.const 0)"),
            gets("it spoils its own memory", "\"own\""),
        ),
        Row::new(
            "calls the host after its answer",
            Guest::new()
                .call("clock", "now", &[])
                .extra(&after("(drop (call $clock.now))")),
            breaks(cannot),
        ),
        Row::new(
            "does not end after its answer",
            Guest::new().log("x").extra(&after("(loop (br 0))")),
            breaks("computing limit 0.5 s reached…"),
        ),
        Row::new(
            "breaks after its answer",
            Guest::new().log("x").extra(&after("unreachable")),
            breaks("it gave up (panicked or aborted)…"),
        ),
    ]
}
