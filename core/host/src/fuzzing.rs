//! What is read of strangers' bytes, for `core/fuzz`.

use std::io::{Seek as _, Write as _};

use cap_std::{ambient_authority, fs::Dir};

use crate::archive::{Bounds, unpack, walk};

/// Small, so that reaching them takes no time.
const BOUNDS: Bounds = Bounds {
    entries: 1000,
    bytes: 1 << 20,
    ratio: 200,
    harmless: 1 << 16,
};

/// Lists an archive, and unpacks it into a folder of its own: nothing of it is beside that folder.
pub fn archive(bytes: &[u8]) {
    let outside = tempfile::tempdir().expect("a folder");
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes)
        .and_then(|()| file.rewind())
        .expect("it is written");
    // That it is refused is as good.
    drop(walk(&file, &BOUNDS, &mut |_| Ok(())));
    file.rewind().expect("it is read again");
    let inside = outside.path().join("inside");
    std::fs::create_dir(&inside).expect("a folder");
    let folder = Dir::open_ambient_dir(&inside, ambient_authority()).expect("it is there");
    drop(unpack(&file, &BOUNDS, 0, &folder));
    let beside = std::fs::read_dir(outside.path()).expect("it is there").count();
    assert_eq!(beside, 1, "something has left the folder");
}
