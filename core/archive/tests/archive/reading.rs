//! What somebody sees who reads an archive in the ways there are: `verify`, `list`, `show` of each entry, `read` of each
//! file. And the table of what was done to archives and which of those saw it.

use slipway_archive::Archive;

/// Which ways of reading found something wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// Nothing where nobody verified.
    pub(crate) verify: Option<bool>,
    pub(crate) list: bool,
    pub(crate) show: bool,
    pub(crate) read: bool,
}

/// One row: what was done, how often, and how often each way of reading found it.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) tried: u64,
    /// How often it was verified.
    pub(crate) verified: u64,
    pub(crate) verify: u64,
    pub(crate) list: u64,
    pub(crate) show: u64,
    pub(crate) read: u64,
    /// `list`, `show` or `read`.
    pub(crate) reading: u64,
}

impl Found {
    /// Reads everything in every way. `sequences` are those that somebody looks for.
    pub(crate) fn of(archive: &Archive, sequences: std::ops::RangeInclusive<u64>) -> Self {
        let mut found = Self {
            verify: Some(!archive.verify().is_intact()),
            list: archive.list().is_err(),
            ..Self::default()
        };
        for sequence in sequences {
            match archive.show(&sequence.to_string()) {
                Err(_) => found.show = true,
                Ok(entry) => {
                    let bad = |file: &slipway_archive::FileInfo| archive.read(&entry, &file.path).is_err();
                    found.read |= entry.files.iter().any(bad);
                }
            }
        }
        found
    }

    pub(crate) fn on_reading(self) -> bool {
        self.list || self.show || self.read
    }
}

impl Row {
    pub(crate) fn new(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn count(&mut self, found: Found) {
        self.tried += 1;
        self.verified += u64::from(found.verify.is_some());
        self.verify += u64::from(found.verify == Some(true));
        self.list += u64::from(found.list);
        self.show += u64::from(found.show);
        self.read += u64::from(found.read);
        self.reading += u64::from(found.on_reading());
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.tried += other.tried;
        self.verified += other.verified;
        self.verify += other.verify;
        self.list += other.list;
        self.show += other.show;
        self.read += other.read;
        self.reading += other.reading;
    }

    pub(crate) fn all_found(&self) -> bool {
        self.tried > 0 && self.verify == self.verified && self.reading == self.tried
    }
}

/// Prints the rows, and fails where something was not found by verification or by ordinary reading.
#[expect(clippy::print_stdout, reason = "whoever asks for it sees the table")]
pub(crate) fn tell(title: &str, rows: &[Row]) {
    println!("{title}");
    println!(
        "{:<58} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "", "tried", "verify", "reading", "list", "show", "read"
    );
    for row in rows {
        let verify = match row.verified == row.tried {
            true => row.verify.to_string(),
            false => format!("{}/{}", row.verify, row.verified),
        };
        println!(
            "{:<58} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            row.what, row.tried, verify, row.reading, row.list, row.show, row.read
        );
    }
    let missed: Vec<_> = rows
        .iter()
        .filter(|row| !row.all_found())
        .map(|row| &row.what)
        .collect();
    assert!(missed.is_empty(), "not always found: {missed:?}");
}
