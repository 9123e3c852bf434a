//! Log files that writers append to without the agent in between. They are kept small by giving the oldest blocks
//! back to the file system (a hole at the front) instead of by moving files: no byte written meanwhile is lost, and
//! the place in the file is the offset that readers go on from, for ever. Where the file system cannot do that (it
//! is old, or on a network), the log is left whole and the agent's own log says so.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::FallocateFlags;

use crate::error::{Doing, Result};

const BLOCK: u64 = 4096;

pub(crate) struct Piece {
    /// Where the first byte stands.
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    /// Nothing stands behind it.
    pub(crate) end: bool,
}

pub(crate) fn append(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .doing("open the log", path)
}

/// `None` if there is no such log. What ends in the midst of a line leaves that to the next piece, unless it has no other: whoever
/// searches a piece for something that must not be told would not find a half of it.
pub(crate) fn read(path: &Path, from: u64, limit: u64) -> Result<Option<Piece>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).doing("open the log", path),
    };
    let mut piece = || {
        let size = file.metadata()?.len();
        let offset = from.max(first_kept(&file)?).min(size);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(offset))?;
        (&file).take(limit.min(size - offset)).read_to_end(&mut bytes)?;
        if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
            bytes.truncate(last + 1);
        }
        let end = offset + bytes.len() as u64 == size;
        Ok::<_, io::Error>(Piece { offset, bytes, end })
    };
    piece().map(Some).doing("read the log", path)
}

pub(crate) fn last_lines(path: &Path, lines: usize) -> Vec<String> {
    const ENOUGH: u64 = 16 << 10;
    let size = path.metadata().map_or(0, |file| file.len());
    let Ok(Some(mut piece)) = read(path, size.saturating_sub(ENOUGH), ENOUGH) else {
        return Vec::new();
    };
    let rest = read(path, piece.offset + piece.bytes.len() as u64, ENOUGH);
    if let Ok(Some(rest)) = rest {
        piece.bytes.extend(rest.bytes);
    }
    let text = String::from_utf8_lossy(&piece.bytes);
    let mut last: Vec<String> = text
        .lines()
        .rev()
        .take(lines)
        .map(|line| line.chars().take(1000).collect())
        .collect();
    last.reverse();
    last
}

/// The last whole lines, at most so many bytes; of a longer line its end. Empty if there is no such log.
pub(crate) fn ending(path: &Path, most: u64) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let from = file.metadata()?.len().saturating_sub(most);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.take(most).read_to_end(&mut bytes)?;
        Ok::<_, io::Error>((from > 0, bytes))
    };
    let (cut, bytes) = read().unwrap_or_default();
    let first = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let whole = if cut && first < bytes.len() { first } else { 0 };
    String::from_utf8_lossy(&bytes[whole..]).into_owned()
}

/// Keeps at least the newest `keep` bytes, and at most a quarter more than that.
pub(crate) fn trim(path: &Path, keep: u64) -> Result<()> {
    let Ok(file) = OpenOptions::new().write(true).read(true).open(path) else {
        return Ok(());
    };
    let punch = || {
        let size = file.metadata()?.len();
        if size <= keep + keep / 4 || size - first_kept(&file)? <= keep + keep / 4 {
            return Ok(());
        }
        let hole = (size - keep) / BLOCK * BLOCK;
        rustix::fs::fallocate(
            &file,
            FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE,
            0,
            hole,
        )
        .map_err(io::Error::from)
    };
    punch().doing("shorten the log", path)
}

fn first_kept(file: &File) -> io::Result<u64> {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(0)) {
        Ok(offset) => Ok(offset),
        // Nothing but a hole, or nothing at all.
        Err(rustix::io::Errno::NXIO) => file.metadata().map(|file| file.len()),
        Err(rustix::io::Errno::INVAL) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn offsets_outlive_trimming() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        assert!(read(&path, 0, 10).unwrap().is_none());
        let mut file = append(&path).unwrap();
        for number in 0..20_000 {
            writeln!(file, "{number:09}").unwrap();
        }
        trim(&path, 65536).unwrap();
        let kept = read(&path, 0, u64::MAX).unwrap().unwrap();
        assert_eq!(kept.offset % BLOCK, 0);
        assert!((65536..65536 + BLOCK as usize).contains(&kept.bytes.len()));
        assert_eq!(kept.offset + kept.bytes.len() as u64, 200_000);
        writeln!(file, "000020000").unwrap();
        let next = read(&path, 200_000, 100).unwrap().unwrap();
        assert_eq!(
            (next.offset, next.bytes.as_slice()),
            (200_000, b"000020000\n".as_slice())
        );
        assert_eq!(last_lines(&path, 2), ["000019999", "000020000"]);
        // By whole lines, whether the limit or the writer is in the midst of one.
        let cut = read(&path, 199_990, 17).unwrap().unwrap();
        assert_eq!(
            (cut.bytes.as_slice(), cut.end),
            (b"000019999\n".as_slice(), false)
        );
        write!(file, "half").unwrap();
        let begun = read(&path, 200_000, 100).unwrap().unwrap();
        assert_eq!(
            (begun.bytes.as_slice(), begun.end),
            (b"000020000\n".as_slice(), false)
        );
        let half = read(&path, 200_010, 100).unwrap().unwrap();
        assert_eq!((half.bytes.as_slice(), half.end), (b"half".as_slice(), true));
        assert_eq!(last_lines(&path, 2), ["000020000", "half"]);
        assert_eq!(ending(&path, 20), "000020000\nhalf");
        assert_eq!(ending(&path, 3), "alf");
        assert_eq!(ending(&dir.path().join("none"), 3), "");
        assert!(read(&path, 999_999, 10).unwrap().unwrap().bytes.is_empty());
    }
}
