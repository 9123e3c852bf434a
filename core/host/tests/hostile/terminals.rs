//! What a terminal would obey, or a reader would be misled by, in all that reaches a person. That none of it does is what
//! the table looks for in every row; here are the places.

use slipway_model::Digest;
use slipway_plugin::Kind;

use crate::{
    kit::{Arg, Guest, text},
    table::{Row, breaks, describes_badly, gets, not_load, says},
};

/// The title, the clipboard, a link, colours, another line, the other direction, and the same in one byte.
const OBEYED: &str = "\u{1b}]0;t\u{7}\u{1b}]52;c;eA==\u{7}\u{1b}]8;;http://x\u{7}\u{1b}[31m\r\u{8}\u{202e}gpj\u{2066}\u{9b}2J\u{7f}";
const READ: &str = "]0;t]52;c;eA==]8;;http://x[31mgpj2J";

fn finding(message: &str, evidence: &str) -> Guest {
    let mut guest = Guest::of(Kind::Check);
    let (message, line) = (guest.text_at(message), guest.text_at(evidence));
    let words = |words: &[u32]| {
        words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let list = guest.text_at(words(&line));
    guest.answering(&words(&[0, 0, message[0], message[1], list[0], 1, 0, 0, 0, 0]))
}

fn files(paths: &[&str]) -> Guest {
    let mut guest = Guest::of(Kind::Format);
    let mut records = Vec::new();
    for path in paths {
        let at = guest.text_at(path);
        records.extend([at[0], at[1], 0, 0].map(u32::to_le_bytes).concat());
    }
    let at = guest.text_at(&records)[0];
    guest.answering(&[0, at, paths.len() as u32].map(u32::to_le_bytes).concat())
}

pub(crate) fn rows() -> Vec<Row> {
    let revision = Digest::of("revision").to_string();
    let named = format!("(func $f (@name \"{}\") unreachable)", OBEYED.escape_default());
    let import = format!("(component (import \"{}\" (instance)))", OBEYED.escape_default());
    vec![
        Row::new(
            "in a line of the log",
            Guest::new().log(OBEYED),
            gets("it is left out of the line", "null"),
        ),
        Row::new(
            "in the last lines before it breaks",
            Guest::new().log(OBEYED).wat("unreachable"),
            breaks(format!("…; it last logged: {READ}")),
        ),
        Row::new(
            "in its progress",
            Guest::new().call(
                "progress",
                "report",
                &[text(OBEYED), Arg::Long(1), Arg::Int(0), Arg::Long(0)],
            ),
            gets("it is left out", "null"),
        ),
        Row::new(
            "in a failure",
            Guest::new().failing(4, OBEYED, "try"),
            says(format!("{READ} (try)")),
        ),
        Row::new(
            "in the next step of a failure",
            Guest::new().failing(4, "failed", OBEYED),
            says(format!("failed ({READ})")),
        ),
        Row::new(
            "in a failure of a million letters",
            Guest::new().failing(4, &"a".repeat(1_000_000), ""),
            says("aaa…a ... (991808 characters) ... a…a ()"),
        ),
        Row::new(
            "in the state of an instance",
            Guest::new().observing_that("shop-1", &revision, 3, OBEYED),
            says(READ),
        )
        .observed(),
        Row::new(
            "in an instance's name",
            Guest::new().observing(OBEYED, &revision),
            breaks("its answer has no meaning: instance: …").observe(),
        )
        .observed(),
        Row::new(
            "in a revision",
            Guest::new().observing("shop-1", OBEYED),
            breaks("its answer has no meaning: revision: …").observe(),
        )
        .observed(),
        Row::new(
            "in what it says of itself",
            Guest::new().saying(OBEYED, OBEYED, OBEYED),
            says("…31m gpj2J…]0;t]52…"),
        ),
        Row::new(
            "in the finding of a check",
            finding(OBEYED, "seen"),
            says(format!("{} seen", READ.replace("gpj", " gpj"))),
        ),
        Row::new(
            "in the evidence of a check",
            finding("found", OBEYED),
            says(format!("found {}", READ.replace("gpj", " gpj"))),
        ),
        Row::new(
            "in its schema",
            Guest::new().schema(&format!("\"{}", OBEYED)),
            describes_badly("its answer has no meaning: settings-schema: control character…"),
        ),
        Row::new(
            "in a file that it makes",
            files(&["a", OBEYED]),
            breaks("its answer has no meaning: files: `…` is not a path inside a folder").assembling(),
        ),
        Row::new(
            "a file that is a folder too",
            files(&["a/b", "c", "a"]),
            breaks("its answer has no meaning: files: `a` is a file and a folder").assembling(),
        ),
        Row::new(
            "a file above",
            files(&["../a"]),
            breaks("its answer has no meaning: files: `../a` is not a path inside a folder").assembling(),
        ),
        Row::new(
            "in the name of the function that breaks",
            Guest::new().extra(&named).wat("(call $f)"),
            breaks("it gave up (panicked or aborted), in `]0;t…`"),
        ),
        Row::wasm(
            "in the name of what it imports",
            move |_| wat::parse_str(&import).unwrap(),
            not_load("it imports `…`, and a plugin may import only…"),
        ),
    ]
}
