//! Where an archive is, as somebody types it: a folder, `oci://host/repository`, or `s3://bucket/prefix`.

use std::{fmt, path::PathBuf, str::FromStr};

use slipway_model::ServiceName;
use slipway_registry::{Client, RegistryUrl};
use tokio::runtime::Handle;

use crate::{
    Archive, BucketAccess, Error, Result,
    places::{Bucket, Repository},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Folder(PathBuf),
    /// The repository is the address's path.
    Repository(RegistryUrl),
    Bucket {
        name: String,
        /// Without slashes at its ends; empty for all of the bucket.
        prefix: String,
    },
}

impl Destination {
    /// A place of its own below this one, for the archive of one service.
    pub fn below(&self, service: &ServiceName) -> Result<Self> {
        match self {
            Self::Folder(folder) => Ok(Self::Folder(folder.join(service.as_str()))),
            _ => format!("{}/{service}", self.to_string().trim_end_matches('/')).parse(),
        }
    }
}

impl Archive {
    /// One in a repository of a registry. It is read and written on the runtime, from threads that are not part of it.
    pub fn in_repository(url: &RegistryUrl, client: &Client, runtime: Handle) -> Result<Self> {
        Ok(Self::at(Repository::new(url, client, runtime)?))
    }

    /// One in a bucket. It is read and written on the runtime, from threads that are not part of it.
    pub fn in_bucket(name: &str, prefix: &str, access: BucketAccess, runtime: Handle) -> Result<Self> {
        Ok(Self::at(Bucket::new(name, prefix, access, runtime)?))
    }
}

impl FromStr for Destination {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |reason: &str| Error::BadPlace {
            place: shown(text),
            reason: reason.to_owned(),
        };
        if let Some(rest) = text.strip_prefix("s3://") {
            let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            if name.is_empty() || !name.bytes().all(allowed) {
                return Err(bad("the name of a bucket has letters, digits, `-`, `.` and `_`"));
            }
            return Ok(Self::Bucket {
                name: name.to_owned(),
                prefix: prefix.trim_matches('/').to_owned(),
            });
        }
        match text.parse() {
            Ok(RegistryUrl::Layout(folder)) => Ok(Self::Folder(folder)),
            Ok(RegistryUrl::Distribution { prefix: None, .. }) => {
                Err(bad("it names no repository in the registry"))
            }
            Ok(url) => Ok(Self::Repository(url)),
            Err(error) => Err(bad(&error.to_string())),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Repository(url) => write!(f, "{url}"),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

/// Without what may be a password.
fn shown(text: &str) -> String {
    let (before, after) = text.rsplit_once('@').unwrap_or(("", text));
    let scheme = before
        .split_inclusive("://")
        .next()
        .filter(|scheme| scheme.ends_with("://"));
    format!("{}{after}", scheme.unwrap_or_default())
        .chars()
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_they_are_typed() {
        for text in [
            "s3://evidence/shop/prod",
            "oci://registry.example:5000/evidence/shop",
            "backup/archive",
        ] {
            let place: Destination = text.parse().unwrap();
            assert_eq!(place.to_string(), text);
            let below = place.below(&"shop".parse().unwrap()).unwrap();
            assert_eq!(below.to_string(), format!("{text}/shop"));
        }
        for bad in [
            "s3://",
            "s3:///a",
            "s3://a b/c",
            "oci://registry.example",
            "ftp://a/b",
            "oci://user:pw@host/a",
        ] {
            let error = bad.parse::<Destination>().unwrap_err().to_string();
            assert!(!error.contains("pw"), "{error}");
        }
    }
}
