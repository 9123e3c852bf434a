//! Files of a guest stay in the folders that it was granted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use kit::{Arg, Guest, Tape, plain, run, text, told};
use serde_json::{Value, json};
use slipway_plugin::Call;
use tempfile::TempDir;

/// A folder `work` to write, a folder `input` to read, and a secret beside them.
fn house() -> TempDir {
    let house = tempfile::tempdir().unwrap();
    let at = |path: &str| house.path().join(path);
    fs::write(at("secret"), "secret").unwrap();
    for folder in ["input/sub", "work"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    fs::write(at("input/plain"), "hello").unwrap();
    fs::write(at("input/sub/run"), "#!/bin/sh").unwrap();
    fs::set_permissions(at("input/sub/run"), fs::Permissions::from_mode(0o4755)).unwrap();
    symlink("plain", at("input/link")).unwrap();
    symlink("../secret", at("input/out")).unwrap();
    symlink("/etc/hostname", at("input/absolute")).unwrap();
    symlink("..", at("work/up")).unwrap();
    house
}

async fn ask(house: &Path, function: &str, arguments: &[Arg]) -> Result<Value, String> {
    let guest = Guest::new().call("files", function, arguments);
    let grant = |call: Call| {
        call.folder("input", house.join("input"), false)
            .folder("work", house.join("work"), true)
    };
    plain(told(&guest, grant).await)
}

#[tokio::test]
async fn reading_stays_inside() {
    let house = house();
    for (folder, path, expected) in [
        ("input", "plain", Ok("hello")),
        ("input", "./sub/run", Ok("#!/bin/sh")),
        ("input", "link", Ok("hello")),
        (
            "input",
            "out",
            Err("cannot read `out` in folder `input`: a path led outside of the filesystem"),
        ),
        (
            "input",
            "absolute",
            Err("cannot read `absolute` in folder `input`: a path led outside of the filesystem"),
        ),
        (
            "input",
            "../secret",
            Err("`../secret` in folder `input`: a path does not leave its folder by `..`"),
        ),
        (
            "input",
            "/etc/hostname",
            Err("`/etc/hostname` in folder `input`: a path is relative to its folder"),
        ),
        (
            "input",
            "sub",
            Err("cannot read `sub` in folder `input`: it is not a file"),
        ),
        (
            "input",
            "none",
            Err("cannot read `none` in folder `input`: No such file or directory (os error 2)"),
        ),
        (
            "work",
            "up/secret",
            Err("cannot read `up/secret` in folder `work`: a path led outside of the filesystem"),
        ),
        ("home", "x", Err("no folder `home` is granted")),
    ] {
        let read = ask(house.path(), "read", &[text(folder), text(path)]).await;
        assert_eq!(
            read,
            expected.map(Value::from).map_err(str::to_owned),
            "{folder}/{path}"
        );
    }
    fs::write(house.path().join("work/big"), vec![b'a'; (16 << 20) + 1]).unwrap();
    let big = ask(house.path(), "read", &[text("work"), text("big")]).await;
    assert_eq!(
        big,
        Err("cannot read `big` in folder `work`: it has more than 16 MiB".to_owned())
    );
    fs::write(house.path().join("work/binary"), [0xff, 0]).unwrap();
    let binary = ask(house.path(), "read", &[text("work"), text("binary")]).await;
    assert_eq!(binary, Ok(json!({ "base64": "/wA=" })));
}

#[tokio::test]
async fn writing_stays_inside_and_is_whole() {
    let house = house();
    let write = async |folder: &str, path: &str| {
        ask(house.path(), "write", &[text(folder), text(path), text("new")])
            .await
            .err()
    };
    assert_eq!(write("work", "a/b/c").await, None);
    assert_eq!(write("work", "a/b/c").await, None);
    assert_eq!(
        fs::read_to_string(house.path().join("work/a/b/c")).unwrap(),
        "new"
    );
    assert_eq!(fs::read_dir(house.path().join("work/a/b")).unwrap().count(), 1);
    assert_eq!(
        write("input", "x").await.unwrap(),
        "folder `input` may only be read"
    );
    for path in ["../x", "/tmp/x", "up/x", "a/../../x", "", "."] {
        write("work", path)
            .await
            .unwrap_or_else(|| panic!("{path} was written"));
    }
    assert_eq!(fs::read_to_string(house.path().join("secret")).unwrap(), "secret");
    assert!(!house.path().join("x").exists());
    // A link is replaced, not followed.
    symlink("../../secret", house.path().join("work/a/link")).unwrap();
    assert_eq!(write("work", "a/link").await, None);
    assert_eq!(fs::read_to_string(house.path().join("secret")).unwrap(), "secret");
}

#[tokio::test]
async fn listing_does_not_follow_links() {
    let house = house();
    let list =
        async |folder: &str, path: &str| ask(house.path(), "list-files", &[text(folder), text(path)]).await;
    let entry = |path: &str, directory: bool, size: u64| json!({ "path": path, "directory": directory, "size": size });
    assert_eq!(
        list("input", "sub").await,
        Ok(json!([entry("sub/run", false, 9)]))
    );
    assert_eq!(
        list("input", "").await,
        Ok(json!([
            entry("absolute", false, 13),
            entry("link", false, 5),
            entry("out", false, 9),
            entry("plain", false, 5),
            entry("sub", true, 0),
            entry("sub/run", false, 9),
        ]))
    );
    // Nothing is there, and that is no failure.
    assert_eq!(list("input", "none").await, Ok(json!([])));
    assert_eq!(list("work", "none/deeper").await, Ok(json!([])));
    assert!(list("work", "up").await.unwrap_err().contains("outside"));
}

#[tokio::test]
async fn copying_and_removing_stay_inside() {
    let house = house();
    let copy = async |from: &str, to: &str| {
        ask(
            house.path(),
            "copy",
            &[text("input"), text(from), text("work"), text(to)],
        )
        .await
    };
    let at = |path: &str| house.path().join("work").join(path);
    for _ in 0..2 {
        copy("sub", "copied").await.unwrap();
        copy("sub/run", "one/run").await.unwrap();
    }
    for path in ["copied/run", "one/run"] {
        assert_eq!(
            fs::metadata(at(path)).unwrap().permissions().mode() & 0o7777,
            0o755,
            "{path}"
        );
    }
    fs::write(at("copied/stale"), "").unwrap();
    copy("sub", "copied").await.unwrap();
    assert!(!at("copied/stale").exists());
    assert!(copy("out", "x").await.unwrap_err().contains("outside"));
    assert!(
        copy("", "all")
            .await
            .unwrap_err()
            .contains("is neither a file nor a folder")
    );
    assert!(!at("all").exists() && !at(".all.partial").exists());

    let remove = async |path: &str| {
        ask(house.path(), "remove", &[text("work"), text(path)])
            .await
            .err()
    };
    for path in ["copied", "one/run", "never/there", "up"] {
        assert_eq!(remove(path).await, None, "{path}");
    }
    assert!(!at("copied").exists() && house.path().join("secret").exists());
    assert_eq!(
        remove("").await.unwrap(),
        "the granted folder itself cannot be removed"
    );
    assert!(remove("../secret").await.unwrap().contains("does not leave"));
}

#[tokio::test]
async fn a_record_holds_big_content_by_digest() {
    let house = house();
    let tape = Tape::new();
    let guest = Guest::new().call(
        "files",
        "write",
        &[text("work"), text("x"), text(vec![b'a'; 5000])],
    );
    run(
        &guest,
        Call::new(tape.clone()).folder("work", house.path().join("work"), true),
    )
    .await
    .unwrap();
    let content = &tape.effects()[0].request["content"];
    let digest = slipway_model::Digest::of(vec![b'a'; 5000]);
    assert_eq!(*content, json!({ "digest": digest, "size": 5000 }));
}
