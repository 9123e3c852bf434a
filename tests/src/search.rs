//! Looking for texts in everything that a run leaves behind.

use std::{fs, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The files below a folder that hold one of the needles, also packed as gzip; and how many files were looked at.
pub fn files_with(folder: &Path, needles: &[String]) -> (Vec<String>, usize) {
    let (mut found, mut count) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let (more, below) = files_with(&path, needles);
            found.extend(more);
            count += below;
        } else if let Ok(mut bytes) = fs::read(&path) {
            let mut unpacked = Vec::new();
            if flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut unpacked)
                .is_ok()
            {
                bytes = unpacked;
            }
            count += 1;
            if holds_one(&bytes, needles) {
                found.push(path.display().to_string());
            }
        }
    }
    (found, count)
}

pub fn holds_one(bytes: &[u8], needles: &[String]) -> bool {
    needles.iter().any(|needle| holds(bytes, needle.as_bytes()))
}

pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// In base64, without the last digits, since something may follow.
pub fn stands(text: &str) -> String {
    let whole = text.len() / 3 * 3;
    STANDARD.encode(&text.as_bytes()[..whole])
}
