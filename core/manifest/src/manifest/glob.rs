//! Patterns of file names: `*` within a part, `**` across parts, `?` one character.

use std::str::FromStr;

use regex::Regex;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Glob {
    text: String,
    regex: Regex,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a pattern of file names: `*` within a folder, `**/` across folders, `?` for one character; not empty, not longer than 200"
)]
pub struct GlobError(String);

impl Glob {
    /// `path` is relative, with `/`.
    pub fn matches(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || GlobError(text.chars().take(60).collect());
        if text.is_empty() || text.len() > 200 {
            return Err(bad());
        }
        let regex = Regex::new(&translated(text)).map_err(|_| bad())?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.text
    }
}

impl TryFrom<String> for Glob {
    type Error = GlobError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn translated(glob: &str) -> String {
    let mut regex = String::from("(?s)^");
    let mut rest = glob;
    while let Some(first) = rest.chars().next() {
        let (piece, taken) = match rest {
            _ if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            _ if rest.starts_with("**") => (".*".to_owned(), 2),
            _ if first == '*' => ("[^/]*".to_owned(), 1),
            _ if first == '?' => ("[^/]".to_owned(), 1),
            _ => (regex::escape(&rest[..first.len_utf8()]), first.len_utf8()),
        };
        regex.push_str(&piece);
        rest = &rest[taken..];
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches() {
        let check = |glob: &str, path: &str, expected: bool| {
            assert_eq!(
                glob.parse::<Glob>().unwrap().matches(path),
                expected,
                "{glob} {path}"
            );
        };
        check("*.conf", "a.conf", true);
        check("*.conf", "sub/a.conf", false);
        check("**/*.conf", "a.conf", true);
        check("**/*.conf", "x/y/a.conf", true);
        check("site/**", "site/x/y", true);
        check("a.c", "abc", false);
        check("?.toml", "é.toml", true);
        check("Caddyfile", "Caddyfile", true);
    }

    #[test]
    fn refused() {
        assert!("".parse::<Glob>().is_err());
        assert!("a".repeat(201).parse::<Glob>().is_err());
    }
}
