//! The level of a log line, and what it says, from how loggers commonly write it.

use std::borrow::Cow;

use slipway_manifest::Level;

const WORDS: [(&str, Level); 9] = [
    ("fatal", Level::Error),
    ("panic", Level::Error),
    ("error", Level::Error),
    ("err", Level::Error),
    ("warning", Level::Warn),
    ("warn", Level::Warn),
    ("info", Level::Info),
    ("debug", Level::Debug),
    ("trace", Level::Trace),
];

/// What a log line says: a JSON line's `msg` or `message`, or all of it.
pub fn message_of(line: &str) -> Cow<'_, str> {
    let message = || {
        let document: serde_json::Value = serde_json::from_str(line).ok()?;
        let message = document.get("msg").or_else(|| document.get("message"))?;
        Some(message.as_str()?.to_owned())
    };
    let of_json = line.starts_with('{').then(message).flatten();
    of_json.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// A JSON line's `level`, or the first word near the beginning that names a level.
pub fn level_of(line: &str) -> Option<Level> {
    let named = |word: &str| {
        WORDS
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, level)| *level)
    };
    if line.starts_with('{')
        && let Ok(document) = serde_json::from_str::<serde_json::Value>(line)
    {
        let level = document.get("level").or_else(|| document.get("severity"))?;
        return named(level.as_str()?);
    }
    let head = line.char_indices().nth(120).map_or(line, |(end, _)| &line[..end]);
    head.split(|char: char| !char.is_ascii_alphabetic())
        .find_map(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        let check = |line: &str, expected| assert_eq!(level_of(line), expected, "{line}");
        check("2026-01-01T00:00:00Z ERROR db: gone", Some(Level::Error));
        check("[warn] slow", Some(Level::Warn));
        check(r#"{"level":"info","msg":"an error"}"#, Some(Level::Info));
        check("level=debug x", Some(Level::Debug));
        check("plain words", None);
    }

    #[test]
    fn messages() {
        assert_eq!(message_of(r#"{"level":"info","msg":"an error"}"#), "an error");
        for line in ["ERROR no stock", "{not json", r#"{"level":"info"}"#] {
            assert_eq!(message_of(line), line);
        }
    }
}
