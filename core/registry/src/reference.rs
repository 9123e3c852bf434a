//! Names inside a registry: repository, tag, and the reference that a person writes, `repository:tag@sha256:...`.
//!
//! Checked when parsed, so that a name is safe in a URL and in an annotation. Knows no host: see [`crate::Location`].

use std::{fmt, str::FromStr};

use slipway_model::{Digest, DigestError};

/// Lower-case path segments, such as `deploy/shop/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName(String);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// `repository[:tag][@digest]`. Where both are given the digest decides and the tag is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub repository: RepositoryName,
    pub tag: Option<Tag>,
    pub digest: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error(
        "`{0}` is not a repository name: lower-case letters and digits, joined by `.`, `_`, `-` or `/`, at most 255"
    )]
    Repository(String),
    #[error(
        "`{0}` is not a tag: letters, digits, `_`, `.` and `-`, at most 128, not starting with `.` or `-`"
    )]
    Tag(String),
    #[error("`{0}` names no version: write `repository:tag` or `repository@sha256:...`")]
    NoVersion(String),
    #[error(transparent)]
    Digest(#[from] DigestError),
    #[error(
        "`{0}` is not a registry: write `oci://host[:port][/prefix]`, `oci+http://...` without TLS, or a folder"
    )]
    Url(String),
    #[error("`{0}` is not a platform: write `os/architecture` or `os/architecture/variant`")]
    Platform(String),
    #[error("a registry's address cannot hold credentials: they are configured per host, apart from it")]
    Credentials,
    #[error(
        "`{0}` is not a place: write `oci://host/repository:tag`, `host/repository:tag` or `folder#repository:tag`"
    )]
    Location(String),
}

impl RepositoryName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn under(&self, prefix: Option<&Self>) -> Self {
        prefix.map_or_else(|| self.clone(), |prefix| Self(format!("{prefix}/{self}")))
    }
}

impl Tag {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RepositoryName {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() <= 255 && text.split('/').all(is_segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Repository(shown(text)))
        }
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if (1..=128).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with(['.', '-']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Tag(shown(text)))
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag.parse()?)),
            None => (name, None),
        };
        if tag.is_none() && digest.is_none() {
            repository.parse::<RepositoryName>()?;
            return Err(ReferenceError::NoVersion(shown(text)));
        }
        Ok(Self {
            repository: repository.parse()?,
            tag,
            digest,
        })
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Runs of letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
fn is_segment(segment: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<u8>| byte.is_some_and(word);
    let joint = |text: &str| matches!(text, "" | "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    ends(segment.bytes().next())
        && ends(segment.bytes().next_back())
        && segment
            .split(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            .all(joint)
}

/// What was typed, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(120)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn references_read_back_as_written() {
        for text in [
            "web:1.4.2",
            "deploy/shop/web:v1",
            "a.b__c--d:_x",
            &format!("web@{DIGEST}"),
            &format!("a/web:1@{DIGEST}"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refused() {
        let long = format!("{}:1", "a".repeat(256));
        for bad in [
            "",
            "web",
            ":1",
            "web:",
            "Web:1",
            "../web:1",
            "web//x:1",
            "/web:1",
            "web/:1",
            "we b:1",
            "web:1 2",
            "a..b:1",
            "a___b:1",
            "web:-1",
            "web:1@sha256:00",
            "web@",
            "é:1",
            "a?b:1",
            "a%2e:1",
            &long,
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
