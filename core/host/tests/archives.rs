//! Archives of strangers: what is sound is unpacked as a whole, everything else is refused with the entry named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use kit::{Arg, Guest, plain, text, told};
use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_plugin::Call;
use tar::{EntryType, Header};
use tempfile::TempDir;

/// Path, kind, mode, content or target.
type Item<'a> = (&'a str, EntryType, u32, &'a [u8]);

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;
const HARD: EntryType = EntryType::Link;
const DIR: EntryType = EntryType::Directory;

/// Written field by field: the library refuses to write what is to be refused.
fn tar(items: &[Item<'_>]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, kind, mode, content) in items {
        let mut header = Header::new_ustar();
        let link = matches!(*kind, LINK | HARD);
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path.as_bytes());
        if link {
            old.linkname[..content.len()].copy_from_slice(content);
        }
        let content = if link { &[][..] } else { content };
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_size(content.len() as u64);
        header.set_mtime(1_700_000_000);
        header.set_cksum();
        archive.append(&header, content).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(items: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, mode, content) in items {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
        if mode & 0o170_000 == 0o120_000 {
            archive
                .add_symlink(*path, std::str::from_utf8(content).unwrap(), options)
                .unwrap();
        } else {
            archive.start_file(*path, options).unwrap();
            archive.write_all(content).unwrap();
        }
    }
    archive.finish().unwrap().into_inner()
}

/// A store with one blob and a folder to unpack into.
struct Case {
    house: TempDir,
    digest: Digest,
    size: u64,
}

impl Case {
    fn new(archive: &[u8]) -> Self {
        let house = tempfile::tempdir().unwrap();
        fs::write(house.path().join("blob"), archive).unwrap();
        Self {
            house,
            digest: Digest::of(archive),
            size: archive.len() as u64,
        }
    }

    async fn ask(&self, function: &str, arguments: &[Arg]) -> Result<Value, String> {
        let blob = text(self.digest.to_string());
        let guest = Guest::new().call("blobs", function, &[&[blob], arguments].concat());
        let (path, work) = (self.house.path().join("blob"), self.house.path().join("work"));
        plain(
            told(&guest, |call: Call| {
                call.blob(self.digest, path, self.size).folder("work", work, true)
            })
            .await,
        )
    }

    async fn unpack(&self, strip: i32) -> Result<Value, String> {
        self.ask("unpack", &[text("work"), text("rev/app"), Arg::Int(strip)])
            .await
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.house.path().join("work/rev/app").join(path)
    }

    /// But the empty file by which one waits for another.
    fn nothing_is_left(&self) {
        let mut left: Vec<_> = fs::read_dir(self.house.path().join("work/rev"))
            .map(|entries| entries.map(|entry| entry.unwrap().file_name()).collect())
            .unwrap_or_default();
        left.retain(|name| name != ".app.lock");
        assert!(left.is_empty(), "{left:?}");
    }
}

fn program() -> Vec<u8> {
    tar(&[
        ("app-1.0/", DIR, 0o777, b""),
        ("app-1.0/bin/run", FILE, 0o4755, b"#!/bin/sh"),
        ("./app-1.0/notes", FILE, 0o600, b"notes"),
        ("app-1.0/lib/so.1", FILE, 0o644, b"so"),
        ("app-1.0/lib/so", LINK, 0o777, b"so.1"),
        ("app-1.0/lib/up", LINK, 0o777, b"../bin"),
        ("app-1.0/copy", HARD, 0o644, b"app-1.0/notes"),
    ])
}

fn checked(case: &Case) {
    let mode = |path: &str| fs::metadata(case.at(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(
        (mode("bin/run"), mode("notes"), mode("bin")),
        (0o755, 0o644, 0o755)
    );
    assert_eq!(fs::read_to_string(case.at("lib/so")).unwrap(), "so");
    assert_eq!(fs::read_to_string(case.at("lib/up/run")).unwrap(), "#!/bin/sh");
    assert_eq!(fs::read_to_string(case.at("copy")).unwrap(), "notes");
    for path in ["", "bin", "bin/run", "notes"] {
        assert_eq!(
            fs::metadata(case.at(path)).unwrap().mtime(),
            315_532_800,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_program_is_unpacked_whatever_it_is_packed_as() {
    let plain = program();
    for archive in [
        plain.clone(),
        gz(&plain),
        zstd::encode_all(plain.as_slice(), 3).unwrap(),
    ] {
        let case = Case::new(&archive);
        case.unpack(1).await.unwrap();
        checked(&case);
    }
    let case = Case::new(&zip(&[
        ("bin/run", 0o100_755, b"#!/bin/sh"),
        ("bin/go", 0o120_777, b"run"),
    ]));
    case.unpack(0).await.unwrap();
    assert_eq!(fs::read_to_string(case.at("bin/go")).unwrap(), "#!/bin/sh");
    assert_eq!(
        fs::metadata(case.at("bin/run")).unwrap().permissions().mode() & 0o777,
        0o755
    );
}

#[tokio::test]
async fn entries_are_listed_as_they_stand() {
    let case = Case::new(&gz(&tar(&[
        ("../up", FILE, 0o644, b"abc"),
        ("dev", EntryType::Char, 0o600, b""),
        ("link", LINK, 0o777, b"/etc"),
    ])));
    assert_eq!(
        case.ask("entries", &[]).await.unwrap(),
        json!([
            { "path": "../up", "kind": "file", "size": 3, "mode": 0o644 },
            { "path": "dev", "kind": "device", "size": 0, "mode": 0o600 },
            { "path": "link", "kind": "symlink", "size": 0, "mode": 0o777, "target": "/etc" },
        ])
    );
}

#[tokio::test]
async fn what_is_complete_is_not_unpacked_again_and_what_is_not_is() {
    let case = Case::new(&program());
    case.unpack(1).await.unwrap();
    let first = fs::metadata(case.at("notes")).unwrap().ino();
    case.unpack(1).await.unwrap();
    assert_eq!(fs::metadata(case.at("notes")).unwrap().ino(), first);
    // An interruption between the folder and its receipt, and one in the middle.
    fs::remove_file(case.house.path().join("work/rev/.app.unpacked")).unwrap();
    fs::remove_file(case.at("notes")).unwrap();
    fs::create_dir_all(case.house.path().join("work/rev/.app.partial/half")).unwrap();
    case.unpack(1).await.unwrap();
    checked(&case);
    assert!(!case.house.path().join("work/rev/.app.partial").exists());
    // Another way to unpack it is another folder.
    case.unpack(0).await.unwrap();
    assert!(case.at("app-1.0/bin/run").exists() && !case.at("bin").exists());
}

#[tokio::test]
async fn what_leaves_or_does_not_belong_is_refused_by_name() {
    let x = b"x".as_slice();
    for (items, expected) in [
        (
            vec![("/abs", FILE, 0o644, x)],
            "entry `/abs`: its path is absolute",
        ),
        (
            vec![("a/../../b", FILE, 0o644, x)],
            "entry `a/../../b`: its path has `..`",
        ),
        (
            vec![("..\\b", FILE, 0o644, x)],
            "entry `..\\\\b`: its path has a backslash or a zero byte",
        ),
        (
            vec![("dev", EntryType::Char, 0o644, b"")],
            "entry `dev`: it is a device",
        ),
        (
            vec![("dev", EntryType::Block, 0o644, b"")],
            "entry `dev`: it is a device",
        ),
        (
            vec![("pipe", EntryType::Fifo, 0o644, b"")],
            "entry `pipe`: it is a device",
        ),
        (
            vec![("l", LINK, 0o777, b"/etc/passwd")],
            "entry `l`: it is a link to the absolute path `/etc/passwd`",
        ),
        (
            vec![("a/l", LINK, 0o777, b"../../x")],
            "entry `a/l`: it is a link to `../../x`, which leaves the archive",
        ),
        (
            // Each link stays inside by its text; together they leave.
            vec![
                ("a/b/here", LINK, 0o777, b"../.."),
                ("out", LINK, 0o777, b"a/b/here/.."),
            ],
            "entry `out`: its link to `a/b/here/..` cannot be followed inside: a path led outside of the filesystem",
        ),
        (
            vec![("l", LINK, 0o777, b"sub"), ("l/x", FILE, 0o644, x)],
            "entry `l/x`: `l` is a folder here and something else before",
        ),
        (
            vec![("l/x", FILE, 0o644, x), ("l", LINK, 0o777, b"sub")],
            "entry `l`: its path is there twice",
        ),
        (
            vec![("h", HARD, 0o644, b"/etc/passwd")],
            "entry `h`: it is a link to `/etc/passwd`, which leaves the archive",
        ),
        (
            vec![("l", LINK, 0o777, b"x"), ("h", HARD, 0o644, b"l")],
            "entry `h`: it is a link to `l`, which is no file before it in the archive",
        ),
        (
            vec![("a", FILE, 0o644, x), ("./a", FILE, 0o644, x)],
            "entry `./a`: its path is there twice",
        ),
        (
            vec![("a", FILE, 0o644, x), ("a/b", FILE, 0o644, x)],
            "entry `a/b`: `a` is a folder here and something else before",
        ),
        (
            vec![("a", FILE, 0o644, x), ("a", HARD, 0o644, b"a")],
            "entry `a`: its path is there twice",
        ),
    ] {
        let case = Case::new(&tar(&items));
        let refused = case.unpack(0).await.unwrap_err();
        assert_eq!(refused, format!("archive {}: {expected}", case.digest));
        case.nothing_is_left();
    }
    for (items, expected) in [
        (vec![("../up", 0o100_644, x)], "entry `../up`: its path has `..`"),
        (vec![("/abs", 0o100_644, x)], "entry `/abs`: its path is absolute"),
        (
            vec![("l", 0o120_777, b"../x".as_slice())],
            "entry `l`: it is a link to `../x`, which leaves the archive",
        ),
    ] {
        let case = Case::new(&zip(&items));
        assert_eq!(
            case.unpack(0).await.unwrap_err(),
            format!("archive {}: {expected}", case.digest)
        );
        case.nothing_is_left();
    }
}

#[tokio::test]
async fn bombs_do_not_go_off() {
    let zeros = vec![0; 65 << 20];
    let bomb = tar(&[("zeros", FILE, 0o644, &zeros)]);
    for archive in [
        gz(&bomb),
        zstd::encode_all(bomb.as_slice(), 3).unwrap(),
        zip(&[("zeros", 0o100_644, &zeros)]),
    ] {
        let case = Case::new(&archive);
        for outcome in [case.unpack(0).await, case.ask("entries", &[]).await] {
            let refused = outcome.unwrap_err();
            assert!(
                refused.contains("it unpacks to more than 64 MiB: the limit for an archive of"),
                "{refused}"
            );
        }
        case.nothing_is_left();
    }
    // A hole of a terabyte in a file of a kilobyte.
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_path("hole").unwrap();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_mode(0o644);
    header.set_size(0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.set_real_size(1 << 40);
    gnu.sparse[0].set_offset(1 << 40);
    gnu.sparse[0].set_length(0);
    header.set_cksum();
    archive.append(&header, &[][..]).unwrap();
    let case = Case::new(&archive.into_inner().unwrap());
    let refused = case.unpack(0).await.unwrap_err();
    assert!(refused.contains("it unpacks to more than 64 MiB"), "{refused}");
    case.nothing_is_left();
}

#[tokio::test]
async fn what_is_damaged_is_refused() {
    let whole = gz(&program());
    let mut flipped = zip(&[("x", 0o100_644, b"\x01")]);
    // The checksum in the central directory, which stands 16 bytes behind its signature.
    let central = flipped
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    flipped[central + 16] ^= 1;
    for (archive, expected) in [
        (whole[..whole.len() / 2].to_vec(), "it cannot be read"),
        (
            b"not an archive".to_vec(),
            "it is none of tar, tar.gz, tar.zst and zip",
        ),
        (Vec::new(), "it is none of tar, tar.gz, tar.zst and zip"),
        (gz(b"not a tar"), "it cannot be read"),
        (flipped, "it cannot be read after entry `x`"),
        (b"PK\x03\x04 and no more".to_vec(), "it cannot be read"),
    ] {
        let case = Case::new(&archive);
        let refused = case.unpack(0).await.unwrap_err();
        assert!(refused.contains(expected), "{refused}");
        case.nothing_is_left();
    }
    let case = Case::new(&whole);
    assert!(
        case.unpack(9)
            .await
            .unwrap_err()
            .contains("nothing is left of it when 9 leading path elements")
    );
    fs::write(case.house.path().join("blob"), b"other bytes").unwrap();
    let found = Digest::of("other bytes");
    let expected = format!("the bytes kept as blob {} are {found}", case.digest);
    assert_eq!(case.unpack(0).await.unwrap_err(), expected);
    assert_eq!(case.ask("entries", &[]).await.unwrap_err(), expected);
    let place = [text("work"), text("bin/tool"), Arg::Int(1)];
    assert_eq!(case.ask("place", &place).await.unwrap_err(), expected);
    assert!(!case.house.path().join("work/bin/tool").exists());
}

#[tokio::test]
async fn a_blob_is_placed_as_one_file() {
    let case = Case::new(b"#!/bin/sh");
    case.ask("place", &[text("work"), text("bin/tool"), Arg::Int(1)])
        .await
        .unwrap();
    let placed = case.house.path().join("work/bin/tool");
    assert_eq!(fs::read(&placed).unwrap(), b"#!/bin/sh");
    assert_eq!(fs::metadata(&placed).unwrap().permissions().mode() & 0o777, 0o755);
}

#[tokio::test]
async fn only_blobs_that_were_handed_over_are_there() {
    let case = Case::new(b"x");
    for blob in [
        Digest::of("other").to_string(),
        "../blob".to_owned(),
        String::new(),
    ] {
        let guest = Guest::new().call("blobs", "entries", &[text(&blob)]);
        let path = case.house.path().join("blob");
        let refused = plain(told(&guest, |call: Call| call.blob(case.digest, Path::new(&path), 1)).await);
        assert_eq!(
            refused.unwrap_err(),
            format!("blob `{blob}` was not handed to this call")
        );
    }
}
