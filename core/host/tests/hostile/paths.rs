//! Paths that would leave a granted folder, by their text or by links that somebody planted.

use crate::{
    kit::{Guest, text},
    table::{Row, gets, told},
};

const LEAVES: &str = "a path does not leave its folder by `..`";
const RELATIVE: &str = "a path is relative to its folder";
const LONG: &str = "a path has at most 64 parts and 1024 bytes";

fn read(path: &str) -> Guest {
    Guest::new().call("files", "read", &[text("work"), text(path)])
}

fn write(path: &str) -> Guest {
    Guest::new().call("files", "write", &[text("work"), text(path), text("taken")])
}

/// It is refused for its text alone.
fn refused(path: &str, why: &str) -> Row {
    let shown = path.chars().take(200).collect::<String>();
    let shown = shown.escape_debug().to_string();
    let tries = format!("reads {}", shown.chars().take(40).collect::<String>());
    Row::new(
        tries,
        read(path),
        told(format!("`{shown}` in folder `work`: {why}")),
    )
}

fn does(tries: &str, function: &str, arguments: &[&str], expected: &str) -> Row {
    let arguments: Vec<_> = arguments.iter().map(text).collect();
    Row::new(
        tries,
        Guest::new().call("files", function, &arguments),
        told(expected),
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let outside = "a path led outside of the filesystem";
    let nothing = "No such file or directory (os error 2)";
    vec![
        refused("../outside", LEAVES),
        refused("deep/../../outside", LEAVES),
        refused("./.././outside", LEAVES),
        refused("deep/..", LEAVES),
        refused("/etc/passwd", RELATIVE),
        refused("//etc/passwd", RELATIVE),
        refused("own\0.txt", "a path has no zero byte"),
        refused(&"a/".repeat(100_000), LONG),
        refused(&"a".repeat(70_000), LONG),
        refused(&"../".repeat(30), LEAVES),
        Row::new(
            "reads ..\\outside, as one name",
            read("..\\outside"),
            told(format!("cannot read `..\\\\outside` in folder `work`: {nothing}")),
        ),
        Row::new(
            "reads C:\\outside, as one name",
            read("C:\\outside"),
            told(format!("cannot read `C:\\\\outside` in folder `work`: {nothing}")),
        ),
        Row::new(
            "reads file:///etc/passwd, as names",
            read("file:///etc/passwd"),
            told(format!(
                "cannot read `file:///etc/passwd` in folder `work`: {nothing}"
            )),
        ),
        Row::new(
            "reads \u{ff0e}\u{ff0e}\u{ff0f}outside (full width)",
            read("\u{ff0e}\u{ff0e}\u{ff0f}outside"),
            told(format!("cannot read `…` in folder `work`: {nothing}")),
        ),
        Row::new(
            "reads %2e%2e/outside",
            read("%2e%2e/outside"),
            told(format!(
                "cannot read `%2e%2e/outside` in folder `work`: {nothing}"
            )),
        ),
        Row::new(
            "reads OWN for own",
            read("OWN"),
            told(format!("cannot read `OWN` in folder `work`: {nothing}")),
        ),
        Row::new(
            "reads the folder itself",
            read(""),
            told("cannot read `` in folder `work`: …"),
        ),
        Row::new(
            "reads through a link that leaves",
            read("out"),
            told(format!("cannot read `out` in folder `work`: {outside}")),
        ),
        Row::new(
            "reads through a link to the folder above",
            read("up/outside"),
            told(format!("cannot read `up/outside` in folder `work`: {outside}")),
        ),
        Row::new(
            "reads through a link two folders up",
            read("deep/out"),
            told(format!("cannot read `deep/out` in folder `work`: {outside}")),
        ),
        Row::new(
            "reads through an absolute link",
            read("etc/passwd"),
            told(format!("cannot read `etc/passwd` in folder `work`: {outside}")),
        ),
        Row::new(
            "reads /proc/self/environ through a link",
            read("proc/environ"),
            told(format!("cannot read `proc/environ` in folder `work`: {outside}")),
        ),
        Row::new(
            "reads a link to itself",
            read("loop"),
            told("cannot read `loop` in folder `work`: Too many levels of symbolic links (os error 40)"),
        ),
        Row::new(
            "reads with a terminal's title in the name",
            read("\u{1b}]0;x\u{7}"),
            told(format!(
                "cannot read `\\u{{1b}}]0;x\\u{{7}}` in folder `work`: {nothing}"
            )),
        ),
        Row::new(
            "writes through a link to the folder above",
            write("up/beside"),
            told("cannot write `up/beside` in folder `work`: File exists (os error 17)"),
        ),
        Row::new(
            "writes through an absolute link",
            write("etc/cron.d/x"),
            told(format!("cannot write `etc/cron.d/x` in folder `work`: {outside}")),
        ),
        Row::new(
            "writes onto a link that leaves",
            write("out"),
            gets("the link is replaced, what it led to stays", "null"),
        ),
        Row::new(
            "writes the folder itself",
            write("."),
            told("cannot write `.` in folder `work`: the granted folder itself cannot be replaced"),
        ),
        Row::new(
            "writes a path of 2,000 folders",
            write(&"a/".repeat(500)),
            told(format!("`…` in folder `work`: {LONG}")),
        ),
        does(
            "writes what may only be read",
            "write",
            &["input", "plain", "taken"],
            "folder `input` may only be read",
        ),
        does(
            "removes what may only be read",
            "remove",
            &["input", "plain"],
            "folder `input` may only be read",
        ),
        does(
            "copies into what may only be read",
            "copy",
            &["work", "own", "input", "own"],
            "folder `input` may only be read",
        ),
        does(
            "copies from outside by a link",
            "copy",
            &["input", "out", "work", "mine"],
            &format!("cannot copy `out` in folder `input`: {outside}"),
        ),
        does(
            "copies the folder above by a link",
            "copy",
            &["work", "up", "work", "mine"],
            &format!("cannot copy `up` in folder `work`: {outside}"),
        ),
        does(
            "copies a folder into itself",
            "copy",
            &["work", "deep", "work", "deep/deeper"],
            "cannot copy `deep` in folder `work`: …",
        ),
        does(
            "lists the folder above by a link",
            "list-files",
            &["work", "up"],
            &format!("cannot list `up` in folder `work`: {outside}"),
        ),
        does(
            "removes the folder itself",
            "remove",
            &["work", "."],
            "the granted folder itself cannot be removed",
        ),
        does(
            "removes outside",
            "remove",
            &["work", "../outside"],
            &format!("`../outside` in folder `work`: {LEAVES}"),
        ),
        does(
            "a folder of another spelling",
            "read",
            &["Work", "own"],
            "no folder `Work` is granted (granted: input, work)",
        ),
        does(
            "a folder that is a path",
            "read",
            &["work/../..", "outside"],
            "no folder `work/../..` is granted (granted: input, work)",
        ),
        does(
            "a folder without a name",
            "read",
            &["", "own"],
            "no folder `` is granted (granted: input, work)",
        ),
        Row::new(
            "removes a link that leaves",
            Guest::new().call("files", "remove", &[text("work"), text("up")]),
            gets("the link goes, what it led to stays", "null"),
        ),
    ]
}
