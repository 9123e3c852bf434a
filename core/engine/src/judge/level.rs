//! The level of a log line, from how loggers commonly write it.

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
}
