//! Archives that leave, explode or collide. What an honest archive may hold is `tests/archives.rs`.

use std::io::Write;

use slipway_model::Digest;
use tar::{EntryType, Header};

use crate::{
    kit::{Arg, Guest, text},
    table::{Must, Row, gets, told},
};

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

/// Written field by field: the library refuses to write what is to be refused.
fn tar(items: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, kind, content) in items {
        let mut header = Header::new_gnu();
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path.as_bytes());
        if *kind == LINK {
            old.linkname[..content.len()].copy_from_slice(content);
        }
        let content = if *kind == LINK { &[][..] } else { content };
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
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

fn zip(items: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in items {
        archive
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A zip whose central directory names its one file so many times.
fn overlapping(times: u16) -> Vec<u8> {
    let whole = zip(&[("a", &vec![0; 1 << 20])]);
    let central = whole.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
    let end = whole.windows(4).position(|at| at == b"PK\x05\x06").unwrap();
    let entry = &whole[central..end];
    let mut zip = whole[..central].to_vec();
    for number in 0..times {
        let mut entry = entry.to_vec();
        // Each with a name of its own, of one letter.
        entry[46] = b'!' + number as u8;
        zip.extend(entry);
    }
    let mut tail = whole[end..].to_vec();
    tail[8..10].copy_from_slice(&times.to_le_bytes());
    tail[10..12].copy_from_slice(&times.to_le_bytes());
    tail[12..16].copy_from_slice(&(entry.len() as u32 * u32::from(times)).to_le_bytes());
    zip.extend(tail);
    zip
}

/// A zip whose file says that it is of another size than it is.
pub(crate) fn lying(size: u32) -> Vec<u8> {
    let mut zip = zip(&[("a", &[b'a'; 1000])]);
    let local = 22;
    let central = zip.windows(4).position(|at| at == b"PK\x01\x02").unwrap() + 24;
    for at in [local, central] {
        zip[at..at + 4].copy_from_slice(&size.to_le_bytes());
    }
    zip
}

/// A name of so many letters, which tar keeps in a file of its own.
fn long_name(length: usize) -> Vec<u8> {
    tar(&[
        ("././@LongLink", EntryType::GNULongName, &vec![b'a'; length]),
        ("a", FILE, b"x"),
    ])
}

fn handed(
    tries: &str,
    archive: Vec<u8>,
    function: &str,
    arguments: &[Arg],
    must: fn(String) -> Must,
    expected: &str,
) -> Row {
    let digest = Digest::of(&archive);
    let blob = text(digest.to_string());
    let guest = Guest::new().call("blobs", function, &[&[blob], arguments].concat());
    let expected = expected.replace("ARCHIVE", &format!("archive {digest}"));
    Row::new(tries, guest, must(expected)).call(move |world| world.handing(&archive))
}

fn unpacks(tries: &str, archive: Vec<u8>, expected: &str) -> Row {
    let arguments = [text("work"), text("rev/app"), Arg::Int(0)];
    handed(
        tries,
        archive,
        "unpack",
        &arguments,
        told,
        &format!("ARCHIVE: {expected}"),
    )
}

fn lists(tries: &str, archive: Vec<u8>, expected: &str) -> Row {
    handed(
        tries,
        archive,
        "entries",
        &[],
        told,
        &format!("ARCHIVE: {expected}"),
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let zeros = vec![0; 65 << 20];
    let bomb = tar(&[("zeros", FILE, &zeros)]);
    let explodes = "it unpacks to more than 64 MiB: the limit for an archive of…";
    let empty = |count: usize| {
        let one = tar(&[("a", FILE, b"")]);
        let mut many = one[..512].repeat(count);
        many.extend([0; 1024]);
        gz(&many)
    };
    let nested = (0..8).fold(b"x".to_vec(), |inner, _| {
        gz(&tar(&[("inner.tar.gz", FILE, &inner)]))
    });
    let mut window = zstd::encode_all(&b"x"[..], 1).unwrap();
    // A window of two GiB, in a frame that is not a single segment.
    window.splice(4..6, [0x00, 21 << 3]);
    let x = b"x".as_slice();
    let files = |tries: &str, archive: Vec<u8>, expected: &str| {
        handed(
            tries,
            archive,
            "files",
            &[],
            told,
            &format!("ARCHIVE: {expected}"),
        )
    };
    vec![
        unpacks("a tar.gz of 65 MiB of nothing", gz(&bomb), explodes),
        unpacks(
            "a tar.zst of 65 MiB of nothing",
            zstd::encode_all(bomb.as_slice(), 3).unwrap(),
            explodes,
        ),
        unpacks("a zip of 65 MiB of nothing", zip(&[("zeros", &zeros)]), explodes),
        handed(
            "a hundred archives, one behind the other",
            gz(&tar(&[("a", FILE, b"x")])).repeat(100),
            "entries",
            &[],
            |text| gets("what is behind the end is not read", text),
            "[{\"path\":\"a\",…",
        ),
        lists(
            "a hundred thousand files and one",
            empty(100_001),
            "it has more than 100000 entries",
        ),
        files(
            "ten thousand files and one, to be read",
            empty(10_001),
            "entry `a`: it is there twice",
        ),
        files(
            "17 MiB, to be read",
            gz(&tar(&[("a", FILE, &zeros[..17 << 20])])),
            "it unpacks to more than 16 MiB: …",
        ),
        lists("a zip whose files lie on one another", overlapping(80), explodes),
        unpacks("a zip whose file is longer than it says", lying(10), "…"),
        unpacks("a zip whose file is shorter than it says", lying(5000), "…"),
        lists(
            "a zip that says four GiB",
            lying(u32::MAX - 1),
            "it unpacks to more than 64 MiB: …",
        ),
        lists(
            "a name of a million letters",
            gz(&long_name(1_000_000)),
            "entry `aaa…`: its name has 1000000 bytes, and a name has at most 4096",
        ),
        lists("a name of 65 million letters", gz(&long_name(65 << 20)), explodes),
        lists("a window of two GiB", window, "it cannot be read: …"),
        handed(
            "an archive in an archive, eight times",
            nested,
            "entries",
            &[],
            |text| gets("only the outermost one is opened", text),
            "[{\"path\":\"inner.tar.gz\",…",
        ),
        unpacks(
            "a file above",
            tar(&[("../up", FILE, x)]),
            "entry `../up`: its path has `..`",
        ),
        unpacks(
            "a file at the root",
            tar(&[("/etc/x", FILE, x)]),
            "entry `/etc/x`: its path is absolute",
        ),
        unpacks(
            "a file through a link of its own",
            tar(&[("l", LINK, b"sub"), ("l/x", FILE, x)]),
            "entry `l/x`: `l` is a folder here and something else before",
        ),
        unpacks(
            "links that leave together",
            tar(&[("a/b/here", LINK, b"../.."), ("out", LINK, b"a/b/here/..")]),
            "entry `out`: its link to `a/b/here/..` cannot be followed inside: …",
        ),
        unpacks(
            "a file twice",
            tar(&[("a", FILE, x), ("./a", FILE, x)]),
            "entry `./a`: its path is there twice",
        ),
        unpacks(
            "a file that is a folder too",
            tar(&[("a", FILE, x), ("a/b", FILE, x)]),
            "entry `a/b`: `a` is a folder here and something else before",
        ),
        unpacks(
            "a device",
            tar(&[("sda", EntryType::Block, b"")]),
            "entry `sda`: it is a device",
        ),
        unpacks(
            "a name that a terminal obeys",
            tar(&[("\u{1b}]0;x\u{7}/../x", FILE, x)]),
            "entry `\\u{1b}]0;x\\u{7}/../x`: its path has `..`",
        ),
        unpacks(
            "a name that is no text",
            gz(&{
                let mut tar = tar(&[("a", FILE, x)]);
                tar[0] = 0xff;
                let mut header = Header::from_byte_slice(&tar[..512]).clone();
                header.set_cksum();
                tar[..512].copy_from_slice(header.as_bytes());
                tar
            }),
            "entry `\u{fffd}`: its name is not UTF-8",
        ),
        unpacks(
            "no archive",
            b"#!/bin/sh".to_vec(),
            "it is none of tar, tar.gz, tar.zst and zip",
        ),
        handed(
            "into the folder itself",
            tar(&[("a", FILE, x)]),
            "unpack",
            &[text("work"), text(""), Arg::Int(0)],
            told,
            "cannot write `` in folder `work`: the granted folder itself cannot be replaced",
        ),
        handed(
            "through a link that leaves",
            tar(&[("a", FILE, x)]),
            "unpack",
            &[text("work"), text("up/app"), Arg::Int(0)],
            told,
            "cannot write `up/app` in folder `work`: …",
        ),
        handed(
            "without its first four thousand million folders",
            tar(&[("a", FILE, x)]),
            "unpack",
            &[text("work"), text("app"), Arg::Int(-1)],
            told,
            "ARCHIVE: nothing is left of it when 4294967295 leading path elements are dropped",
        ),
    ]
}
