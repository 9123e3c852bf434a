//! Texts, lists and choices that are none.

use slipway_model::Digest;

use crate::{
    kit::{Arg, Guest, pairs, text},
    table::{Must, Row, breaks, gets, told},
};

fn logs(tries: &str, bytes: &[u8], expected: &str) -> Row {
    Row::new(
        tries,
        Guest::new().call("log", "emit", &[Arg::Int(1), text(bytes)]),
        breaks(expected),
    )
}

fn at(tries: &str, at: i64, length: i64, must: Must) -> Row {
    Row::new(
        tries,
        Guest::new().call("log", "emit", &[Arg::Int(1), Arg::At(at, length)]),
        must,
    )
}

fn answers(tries: &str, record: &[u32], expected: &str) -> Row {
    let record: Vec<u8> = record.iter().flat_map(|word| word.to_le_bytes()).collect();
    Row::new(tries, Guest::new().answering(&record), breaks(expected))
}

pub(crate) fn rows() -> Vec<Row> {
    let utf8 = "…utf-8…";
    let bounds = "string pointer/length out of bounds of memory";
    let lists = "…out of bounds…";
    let revision = Digest::of("revision").to_string();
    let request = |method: i32| {
        let arguments = [
            text("api"),
            text("GET"),
            text("/"),
            pairs(&[]),
            Arg::Int(method),
            text(""),
            Arg::Int(0),
            Arg::Int(0),
            Arg::Int(0),
            Arg::Int(0),
            Arg::Int(0),
        ];
        Guest::new().call("http", "send", &arguments)
    };
    vec![
        logs("a byte that no text has", b"\xff", utf8),
        logs("half of a character", b"\xe2\x82", utf8),
        logs("a lone surrogate", b"\xed\xa0\x80", utf8),
        logs("a slash in two bytes", b"..\xc0\xaf", utf8),
        logs("a character beyond the last one", b"\xf4\x90\x80\x80", utf8),
        at("a text behind its memory", 0x7fff_fff0, 8, breaks(bounds)),
        at(
            "a text that ends behind its memory",
            4096,
            0x7fff_ffff,
            breaks(bounds),
        ),
        at("a text whose end is beyond all numbers", -1, -1, breaks(bounds)),
        at("a text at the last byte", 0xffff_ffff, 1, breaks(bounds)),
        at("no text, behind its memory", 0x7fff_fff0, 0, breaks(bounds)),
        at(
            "its whole first page as a text",
            0,
            65_536,
            gets("it is cut, and of zeros nothing is left to read", "null"),
        ),
        Row::new(
            "a level that there is not",
            Guest::new().call("log", "emit", &[Arg::Int(7), text("x")]),
            breaks("…discriminant…"),
        ),
        Row::new("content that there is not", request(9), breaks("…discriminant…")),
        Row::new(
            "headers that are not aligned",
            Guest::new().call(
                "http",
                "send",
                &[
                    text("api"),
                    text("GET"),
                    text("/"),
                    Arg::At(4097, 1),
                    Arg::Int(0),
                    text(""),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                ],
            ),
            breaks("…aligned…"),
        ),
        Row::new(
            "headers that end behind its memory",
            Guest::new().call(
                "http",
                "send",
                &[
                    text("api"),
                    text("GET"),
                    text("/"),
                    Arg::At(4096, 0x0fff_ffff),
                    Arg::Int(0),
                    text(""),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                    Arg::Int(0),
                ],
            ),
            breaks(lists),
        ),
        Row::new(
            "a folder and a path that are the same bytes",
            Guest::new()
                .put_first(b"work")
                .call("files", "read", &[Arg::At(4096, 4), Arg::At(4096, 4)]),
            told("cannot read `work` in folder `work`: …"),
        ),
        answers("an answer that is neither well nor ill", &[2], "…discriminant…"),
        answers(
            "a failure of a kind that there is not",
            &[1, 9, 0, 0, 0],
            "…discriminant…",
        ),
        answers(
            "a failure whose message is behind its memory",
            &[1, 4, 0x7fff_fff0, 8, 0],
            bounds,
        ),
        answers(
            "a hint that is neither there nor not",
            &[1, 4, 0, 0, 7],
            "…discriminant…",
        ),
        Row::new(
            "an answer behind its memory",
            Guest::new().wat("(return (i32.const 0x7ffffff0))"),
            breaks("…out of bounds…"),
        ),
        Row::new(
            "an answer that is not aligned",
            Guest::new().wat("(return (i32.const 17))"),
            breaks("…aligned…"),
        ),
        Row::new(
            "a state of an instance that there is not",
            Guest::new().observing_that("shop-1", &revision, 99, ""),
            breaks("…discriminant…").observe(),
        )
        .observed(),
        Row::new(
            "an instance named like a path",
            Guest::new().observing("../shop", &revision),
            breaks("its answer has no meaning: instance: …").observe(),
        )
        .observed(),
        Row::new(
            "a revision that is no digest",
            Guest::new().observing("shop-1", "latest"),
            breaks("its answer has no meaning: revision: `latest` is not a digest…").observe(),
        )
        .observed(),
    ]
}
