//! Why an archive is refused, with the entry named.

use std::io;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("it is none of tar, tar.gz, tar.zst and zip")]
    Unknown,
    #[error("it cannot be read{}: {error}", after(entry))]
    Damaged { entry: Option<String>, error: io::Error },
    #[error("entry `{entry}`: {problem}")]
    Entry { entry: String, problem: String },
    #[error("it has more than {0} entries")]
    Entries(usize),
    #[error("it unpacks to more than {limit}: {why}")]
    Bomb { limit: String, why: String },
    #[error("nothing is left of it when {0} leading path elements are dropped")]
    Nothing(u32),
    #[error("entry `{entry}` cannot be written: {error}")]
    Write { entry: String, error: io::Error },
}

impl ArchiveError {
    pub(crate) fn entry(entry: &str, problem: impl Into<String>) -> Self {
        Self::Entry {
            entry: entry.escape_debug().to_string(),
            problem: problem.into(),
        }
    }

    /// An error of reading: a bound that was reached, if that is what is inside it.
    pub(crate) fn read(entry: Option<&str>, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(reached) => reached,
            Err(error) => Self::Damaged {
                entry: entry.map(|entry| entry.escape_debug().to_string()),
                error,
            },
        }
    }
}

fn after(entry: &Option<String>) -> String {
    entry
        .as_ref()
        .map_or_else(String::new, |entry| format!(" after entry `{entry}`"))
}
