//! Every bit of an archive matters: whichever is flipped, verification and ordinary reading find it.
//!
//! In a normal run each bit of what is parsed by hand is flipped and a sample of the others; all of them, and ten thousand
//! in an archive of 256 MiB:
//!
//! `SLIPWAY_SWEEP=1 cargo test -p slipway-archive --test archive flips -- --nocapture`

use std::{
    env, fs,
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use slipway_archive::{Archive, EntryFile, Source, Trust};

use super::{
    common::{append, copy_tree, file},
    reading::{Found, Row, tell},
    signing::{public, signing},
};

const ENTRIES: u64 = 3;
const SIZE: u64 = 64 << 10;

fn sweep() -> bool {
    env::var_os("SLIPWAY_SWEEP").is_some()
}

/// Everything that is the archive: the index, the layout and the blobs, with their sizes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let blobs = fs::read_dir(folder.join("blobs/sha256")).unwrap();
    let blobs = blobs.map(|blob| PathBuf::from("blobs/sha256").join(blob.unwrap().file_name()));
    let mut files: Vec<_> = ["index.json", "oci-layout"]
        .into_iter()
        .map(PathBuf::from)
        .chain(blobs)
        .collect();
    files.sort();
    let sized = |file: PathBuf| (file.clone(), fs::metadata(folder.join(&file)).unwrap().len());
    files.into_iter().map(sized).collect()
}

fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut random = Random(seed + 1);
    (0..size.div_ceil(8))
        .flat_map(|_| random.next().to_le_bytes())
        .take(size)
        .collect()
}

/// Signed entries with a shared file, a log each, and `padding` bytes in the last one.
fn build(folder: &Path, padding: usize) -> Archive {
    let archive = Archive::open(folder).unwrap().signed_by(signing("one"));
    for entry in 1..=ENTRIES {
        let log = EntryFile::new("logs/shop.log", Source::Bytes(noise(entry, 6000)));
        let mut files = vec![file("plan.json", "{}"), log];
        if entry == ENTRIES {
            files.push(EntryFile::new("package/layer", Source::Bytes(noise(9, padding))));
        }
        append(&archive, &format!("r-{entry}"), files);
    }
    archive
}

/// 64 KiB to the byte.
fn exactly(folder: &Path) -> Archive {
    let total = |folder: &Path| files(folder).iter().map(|(_, size)| size).sum::<u64>();
    let mut padding = 30_000;
    for attempt in 0..4 {
        let tried = folder.join(format!("try-{attempt}"));
        let archive = build(&tried, padding);
        match SIZE.checked_signed_diff(total(&tried)).unwrap() {
            0 => return archive,
            missing => padding = padding.checked_add_signed(missing.try_into().unwrap()).unwrap(),
        }
    }
    panic!("no padding makes it 64 KiB");
}

/// By whom, and what the head was.
fn known(archive: &Archive) -> Trust {
    Trust {
        signers: vec![public("one")],
        head: archive.head().unwrap(),
        excerpt: false,
    }
}

#[test]
fn each_bit_of_64_kib() {
    let folder = tempfile::tempdir().unwrap();
    let archive = exactly(folder.path());
    let original = PathBuf::from(archive.place());
    let files = files(&original);
    assert_eq!(files.iter().map(|(_, size)| size).sum::<u64>(), SIZE);
    assert!(archive.verify().is_intact());

    // Documents are where a bit may mean nothing: those are flipped closely, content by a sample.
    let stride = |file: &Path, size: u64| match size {
        _ if sweep() => 1,
        _ if file == Path::new("oci-layout") => 1,
        0..5000 => 17,
        _ => 499,
    };
    let flips: Vec<(usize, u64)> = files
        .iter()
        .enumerate()
        .flat_map(|(number, (path, size))| {
            (0..size * 8)
                .step_by(stride(path, *size))
                .map(move |bit| (number, bit))
        })
        .collect();
    let threads = thread::available_parallelism().unwrap().get();
    let rows = Mutex::new(
        files
            .iter()
            .map(|(path, _)| Row::new(kind(path, &archive)))
            .collect::<Vec<_>>(),
    );
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..threads {
            let copy = folder.path().join(format!("copy-{number}"));
            copy_tree(&original, &copy);
            let archive = Archive::open(&copy).unwrap();
            let (rows, next, flips, files) = (&rows, &next, &flips, &files);
            scope.spawn(move || {
                while let Some((number, bit)) = flips.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let restore = flip(&copy.join(&files[*number].0), *bit);
                    let found = Found::of(&archive, 1..=ENTRIES);
                    restore();
                    rows.lock().unwrap()[*number].count(found);
                }
                assert!(archive.verify().is_intact(), "all bits are as they were");
            });
        }
    });
    let mut table: Vec<Row> = Vec::new();
    for row in rows.into_inner().unwrap() {
        match table.iter_mut().find(|known| known.what == row.what) {
            Some(known) => known.add(&row),
            None => table.push(row),
        }
    }
    let mut all = Row::new("all");
    for row in &table {
        all.add(row);
    }
    if sweep() {
        assert_eq!(all.tried, SIZE * 8);
    }
    table.push(all);
    tell(
        "one bit of an archive of 64 KiB, nothing known from elsewhere",
        &table,
    );
}

/// Reads by whichever way leads to what was touched; every hundredth time the whole archive is verified too.
#[test]
fn ten_thousand_bits_of_256_mib() {
    if !sweep() {
        println!("skipped: SLIPWAY_SWEEP=1 flips bits of an archive of 256 MiB");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap().signed_by(signing("one"));
    for entry in 0..16 {
        let blobs = (0..16).map(|blob| {
            let bytes = noise(entry * 16 + blob, (1 << 20) - 100);
            EntryFile::new(format!("package/{blob}"), Source::Bytes(bytes))
        });
        append(&archive, &format!("r-{entry}"), blobs.collect());
    }
    let archive = archive.clone().trusting(known(&archive));
    let files = files(folder.path());
    let total: u64 = files.iter().map(|(_, size)| size).sum();
    let entries = archive.list().unwrap();
    let mut row = Row::new("random bits, by reading what each touches");
    let mut random = Random(7);
    for number in 0..10_000 {
        let mut place = random.next() % total;
        let (path, _) = files
            .iter()
            .find(|(_, size)| {
                let here = place < *size;
                place -= if here { 0 } else { *size };
                here
            })
            .unwrap();
        let restore = flip(&folder.path().join(path), place * 8 + random.next() % 8);
        let name = path.file_name().unwrap().to_str().unwrap();
        let holder = entries.iter().find_map(|entry| {
            let file = entry.files.iter().find(|file| file.digest.hex() == name)?;
            Some((entry, file))
        });
        let mut found = match holder {
            Some((entry, file)) => Found {
                read: archive.read(entry, &file.path).is_err(),
                ..Found::default()
            },
            None => Found {
                list: archive.list().is_err(),
                ..Found::default()
            },
        };
        found.verify = (number % 100 == 0).then(|| !archive.verify().is_intact());
        restore();
        row.count(found);
    }
    assert!(archive.verify().is_intact(), "all bits are as they were");
    tell(&format!("one bit of an archive of {total} bytes"), &[row]);
}

fn kind(path: &Path, archive: &Archive) -> &'static str {
    let name = path.file_name().unwrap().to_str().unwrap();
    let entries = archive.list().unwrap();
    let is_file = |hex: &str| {
        entries
            .iter()
            .flat_map(|entry| &entry.files)
            .any(|file| file.digest.hex() == hex)
    };
    match name {
        "index.json" => "index.json, with its signatures",
        "oci-layout" => "oci-layout",
        id if entries.iter().any(|entry| entry.id.hex() == id) => "manifests",
        hex if is_file(hex) => "files",
        _ => "entry.json",
    }
}

/// In place, and back again.
fn flip(path: &Path, bit: u64) -> impl FnOnce() + use<> {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, bit / 8).unwrap();
    file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], bit / 8).unwrap();
    move || file.write_all_at(&byte, bit / 8).unwrap()
}

/// xorshift: the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
