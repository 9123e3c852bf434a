//! Sound and unsound archives, given as the host lists them.

use serde_json::json;
use slipway_sdk::FailureKind;

use super::*;

/// One word an entry: `path`, `path*` (executable), `path/` (folder), `path->target` (link), `path=>target` (hard
/// link), `path!` (device).
fn archive(entries: &[&str]) -> Vec<ArchiveEntry> {
    let entry = |text: &&str| {
        let (path, kind, mode, target) = if let Some((path, target)) = text.split_once("->") {
            (path, EntryKind::Symlink, 0o777, Some(target))
        } else if let Some((path, target)) = text.split_once("=>") {
            (path, EntryKind::Hardlink, 0o644, Some(target))
        } else if let Some(path) = text.strip_suffix('!') {
            (path, EntryKind::Device, 0o644, None)
        } else if let Some(path) = text.strip_suffix('*') {
            (path, EntryKind::File, 0o755, None)
        } else if text.ends_with('/') && text.len() > 1 {
            (*text, EntryKind::Directory, 0o755, None)
        } else {
            (*text, EntryKind::File, 0o644, None)
        };
        ArchiveEntry {
            path: path.to_owned(),
            kind,
            size: 10,
            mode,
            target: target.map(str::to_owned),
        }
    };
    entries.iter().map(entry).collect()
}

fn inspect(settings: Value, entries: &[&str]) -> Result<Option<String>, Failure> {
    check(&archive(entries), 1000, &Start::of(&settings)?).map(|facts| facts.program)
}

#[track_caller]
fn good(settings: Value, entries: &[&str], program: Option<&str>) {
    assert_eq!(inspect(settings, entries), Ok(program.map(str::to_owned)));
}

#[track_caller]
fn bad(settings: Value, entries: &[&str], message: &str, hint: Option<&str>) {
    let failure = inspect(settings, entries).unwrap_err();
    assert_eq!(
        (failure.message.as_str(), failure.hint.as_deref()),
        (message, hint)
    );
}

#[test]
fn the_program_is_found() {
    good(
        json!({ "command": ["bin/web"] }),
        &["bin/", "bin/web*"],
        Some("bin/web"),
    );
    good(
        json!({ "command": ["./bin/../bin/web"] }),
        &["./bin/web*"],
        Some("./bin/../bin/web"),
    );
    good(json!({ "command": ["${app}/web"] }), &["web*"], Some("web"));
    good(json!({ "command": ["web"] }), &["web*"], Some("web"));
    good(
        json!({ "command": ["bin/web"], "strip": 1 }),
        &["web-1.0/bin/web*"],
        Some("bin/web"),
    );
    good(
        json!({ "command": ["web"] }),
        &["web->lib/web-1", "lib/web-1*"],
        Some("web"),
    );
    good(
        json!({ "command": ["bin/web"], "strip": 1 }),
        &["x/a*", "x/bin/web=>x/a"],
        Some("bin/web"),
    );
}

#[test]
fn a_program_elsewhere_is_not_looked_for() {
    good(json!({ "command": ["python3", "app.py"] }), &["app.py"], None);
    good(json!({ "command": ["/usr/bin/python3"] }), &["app.py"], None);
    good(json!({ "command": ["bin/{{ program }}"] }), &["app.py"], None);
    good(json!({ "command": ["${data}/web"] }), &["app.py"], None);
}

#[test]
fn a_program_that_cannot_be_started() {
    let web = json!({ "command": ["bin/web"] });
    bad(
        web.clone(),
        &["a"],
        "`command`: there is no file bin/web in the archive",
        None,
    );
    bad(
        web.clone(),
        &["a/web*", "web-1.0/", "web-1.0/bin/", "web-1.0/bin/web*"],
        "`command`: there is no file bin/web in the archive",
        Some("it is at web-1.0/bin/web: set `strip = 1`"),
    );
    bad(
        web.clone(),
        &["sbin/web*"],
        "`command`: there is no file bin/web in the archive",
        Some("there is sbin/web"),
    );
    bad(
        web.clone(),
        &["bin/web"],
        "`command`: bin/web is not executable",
        Some("chmod +x bin/web before packing it"),
    );
    bad(
        web,
        &["bin/web->web"],
        "`command`: there is no file bin/web in the archive",
        None,
    );
    bad(
        json!({ "command": ["../web"] }),
        &["a"],
        "`command`: `../web` leaves the artifact",
        None,
    );
}

#[test]
fn what_leaves_the_archive_is_refused() {
    for (entries, message) in [
        (&["/etc/passwd"] as &[&str], "/etc/passwd is absolute"),
        (&["a/../../b"], "a/../../b leaves the archive"),
        (&["a\\b"], "a\\b holds a backslash or NUL"),
        (&["a->/etc"], "a is a link that leaves the archive: /etc"),
        (
            &["a/b->../../c"],
            "a/b is a link that leaves the archive: ../../c",
        ),
        (&["a=>../b"], "../b leaves the archive"),
        (&["a=>b"], "a is a link to what is not before it: b"),
        (&["a->b", "a/c"], "a/c lies below a file or a link"),
        (&["a/c", "a->b"], "a is there twice"),
        (&["a", "./a"], "./a is there twice"),
        (&["null!"], "null is a device or another special file"),
        (&["a\u{1b}[2J!"], "a?[2J is a device or another special file"),
    ] {
        let failure = inspect(json!({}), entries).unwrap_err();
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (FailureKind::Refused, message)
        );
    }
}

#[test]
fn links_are_judged_as_they_will_stand() {
    good(json!({}), &["a/b->../c", "c"], None);
    let failure = inspect(json!({ "strip": 1 }), &["a/b->../c", "a/d"]).unwrap_err();
    assert_eq!(failure.message, "a/b is a link that leaves the archive: ../c");
}

#[test]
fn nothing_is_no_program() {
    bad(
        json!({}),
        &["a/"],
        "the archive holds no file",
        Some("is it the right file?"),
    );
    let hint = Some("`strip` may drop more than there is");
    bad(json!({ "strip": 2 }), &["a/b"], "the archive holds no file", hint);
    let hint = Some("a template cannot decide it: the artifact is inspected before there is an environment");
    bad(
        json!({ "strip": "{{ n }}" }),
        &["a"],
        "`strip` is a number up to 100, not \"{{ n }}\"",
        hint,
    );
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let sized = |size, packed| {
        let entry = ArchiveEntry {
            path: "a".to_owned(),
            kind: EntryKind::File,
            size,
            mode: 0o644,
            target: None,
        };
        check(&[entry], packed, &Start::of(&json!({})).unwrap()).map(|facts| facts.bytes)
    };
    assert_eq!(sized(RATIO_FROM, 1), Ok(RATIO_FROM));
    assert_eq!(sized(1 << 30, 10 << 20), Ok(1 << 30));
    for (size, packed) in [(RATIO_FROM + 1, 1), (MAX_BYTES + 1, 4 << 30), (u64::MAX, 0)] {
        assert_eq!(sized(size, packed).unwrap_err().kind, FailureKind::Refused);
    }
}

#[test]
fn facts_are_said_in_one_line() {
    let said = |files, bytes, program: Option<&str>| {
        let program = program.map(str::to_owned);
        Facts {
            files,
            bytes,
            program,
        }
        .to_string()
    };
    assert_eq!(
        said(3, 4096, Some("bin/web")),
        "3 files, 4 KiB unpacked, starts bin/web"
    );
    assert_eq!(said(1, 7, None), "1 file, 7 bytes unpacked");
    assert_eq!(said(0, 5 << 20, None), "0 files, 5 MiB unpacked");
}
