//! Where bytes come from and where they are kept: registries, and references into them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use slipway_model::Digest;
use url::Url;

/// Where artifacts, packages and plugins are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Registry {
    /// `oci://host[:port]/prefix`, or `oci+http://` without TLS.
    Oci(String),
    /// An OCI layout: a folder relative to that of deploy.toml, or an absolute one.
    Layout(String),
}

/// Where one artifact or plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// `registry:repository:tag` or `registry:repository@sha256:..`; the registry is one of the manifest's.
    Registry {
        registry: String,
        repository: String,
        reference: Reference,
    },
    /// Relative to the folder of deploy.toml, with `/`, never outside it.
    Path {
        path: String,
    },
    Https {
        url: String,
        sha256: Digest,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    Tag(String),
    Digest(Digest),
}

/// Another service, which goes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Dependency {
    /// The folder of another deploy.toml, or the file itself; relative to the folder of this one, `..` allowed.
    Path { path: String },
    Package {
        registry: String,
        repository: String,
        reference: Reference,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    #[error("`{0}` is not a registry: `oci://host/path`, or a folder that holds an OCI layout")]
    Scheme(String),
    #[error("`{0}` names no host")]
    Host(String),
    #[error("a registry's address holds no user name and no password")]
    Credentials,
    #[error("a registry's address has no `?` and no `#`")]
    Query,
    #[error("a registry is an address or a folder, not an empty text")]
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("a source is a path or `registry:repository:tag`, not an empty text")]
    Empty,
    #[error("`{0}` is a URL without the digest of what it leads to")]
    UnverifiedUrl(String),
    #[error("`{0}` is neither a path nor `registry:repository:tag` nor `registry:repository@sha256:...`")]
    Shape(String),
    #[error(
        "`{0}` is not a repository: lower-case letters, digits and `.`, `_`, `-` between them, parts parted by `/`"
    )]
    Repository(String),
    #[error(
        "`{0}` is not a tag: up to 128 letters, digits, `.`, `_`, `-`, beginning with none of `.` and `-`"
    )]
    Tag(String),
    #[error(transparent)]
    Digest(#[from] slipway_model::DigestError),
}

impl Default for Registry {
    fn default() -> Self {
        Self::Layout(".slipway/registry".to_owned())
    }
}

impl FromStr for Registry {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(RegistryError::Empty);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Layout(
                text.strip_prefix("layout:").unwrap_or(text).to_owned(),
            ));
        };
        if !matches!(scheme, "oci" | "oci+http") {
            return Err(RegistryError::Scheme(redacted(text)));
        }
        // The URL standard treats unknown schemes loosely; as https, host and port are checked.
        let url = Url::parse(&format!("https://{rest}")).map_err(|_| RegistryError::Host(redacted(text)))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RegistryError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(RegistryError::Query);
        }
        if rest.starts_with('/') || url.host_str().is_none_or(str::is_empty) {
            return Err(RegistryError::Host(redacted(text)));
        }
        Ok(Self::Oci(text.trim_end_matches('/').to_owned()))
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(SourceError::Empty);
        }
        if text.contains("://") {
            return Err(SourceError::UnverifiedUrl(redacted(text)));
        }
        let path = || Self::Path {
            path: text.to_owned(),
        };
        match text.split_once(':') {
            None if text.contains('@') && text.contains("sha256") => Err(SourceError::Shape(short(text))),
            None => Ok(path()),
            // `./a:b` is a file whose name has a colon: no registry has a `/` in its name.
            Some((registry, _)) if registry.contains('/') => Ok(path()),
            Some((registry, rest)) => {
                let (repository, reference) = repository_and_reference(rest, text)?;
                Ok(Self::Registry {
                    registry: registry.to_owned(),
                    repository,
                    reference,
                })
            }
        }
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oci(place) | Self::Layout(place) => f.write_str(place),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry {
                registry,
                repository,
                reference,
            } => write!(f, "{registry}:{repository}{reference}"),
            Self::Path { path } => f.write_str(path),
            Self::Https { url, .. } => f.write_str(url),
        }
    }
}

impl From<Registry> for String {
    fn from(registry: Registry) -> Self {
        registry.to_string()
    }
}

impl TryFrom<String> for Registry {
    type Error = RegistryError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn repository_and_reference(rest: &str, whole: &str) -> Result<(String, Reference), SourceError> {
    let (repository, reference) = match rest.split_once('@') {
        Some((repository, digest)) => (repository, Reference::Digest(digest.parse()?)),
        None => {
            let (repository, tag) = rest
                .rsplit_once(':')
                .ok_or_else(|| SourceError::Shape(short(whole)))?;
            let tail = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            let good =
                (1..=128).contains(&tag.len()) && tag.bytes().all(tail) && !tag.starts_with(['.', '-']);
            if !good {
                return Err(SourceError::Tag(short(tag)));
            }
            (repository, Reference::Tag(tag.to_owned()))
        }
    };
    let part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        !part.is_empty()
            && part.bytes().all(inner)
            && !part.starts_with(['.', '_', '-'])
            && !part.ends_with(['.', '_', '-'])
    };
    if repository.len() > 255 || !repository.split('/').all(part) {
        return Err(SourceError::Repository(short(repository)));
    }
    Ok((repository.to_owned(), reference))
}

/// What stands before an `@` in a URL may be a password.
fn redacted(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => short(&format!(
            "{scheme}://...{}",
            &rest[rest.rfind('@').unwrap_or(0)..]
        )),
        _ => short(text),
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
