//! Where a registry is: `oci://host[:port][/prefix]`, `oci+http://...`, or a folder; and a place in one, [`Location`].
//!
//! Plain HTTP is spoken only where it is asked for by name or where the address is this machine's own.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::reference::{Reference, ReferenceError, RepositoryName, shown};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryUrl {
    Distribution {
        /// With its port, where one was given.
        host: String,
        /// Without TLS.
        plain: bool,
        prefix: Option<RepositoryName>,
    },
    Layout(PathBuf),
}

/// One manifest in one registry, as somebody types it on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub registry: RegistryUrl,
    pub reference: Reference,
}

impl FromStr for RegistryUrl {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ReferenceError::Url(shown(text));
        let (plain, rest) = match (text.strip_prefix("oci://"), text.strip_prefix("oci+http://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ if text.is_empty() || text.contains("://") => return Err(bad()),
            _ => return Ok(Self::Layout(text.into())),
        };
        let (host, plain) =
            host(rest.split('/').next().unwrap_or(rest), plain).map_err(|error| error.unwrap_or_else(bad))?;
        let prefix = match rest.split_once('/').map(|(_, path)| path.trim_end_matches('/')) {
            None | Some("") => None,
            Some(path) => Some(path.parse()?),
        };
        Ok(Self::Distribution { host, plain, prefix })
    }
}

impl FromStr for Location {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ReferenceError::Location(shown(text));
        if let Some((folder, reference)) = text.rsplit_once('#') {
            let registry = folder.parse()?;
            return match registry {
                RegistryUrl::Layout(_) => Ok(Self {
                    registry,
                    reference: reference.parse()?,
                }),
                RegistryUrl::Distribution { .. } => Err(bad()),
            };
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("oci", text));
        let (host, reference) = rest.split_once('/').ok_or_else(bad)?;
        if rest.len() == text.len() && !host.contains(['.', ':']) && host != "localhost" {
            return Err(bad());
        }
        Ok(Self {
            registry: format!("{scheme}://{host}").parse()?,
            reference: reference.parse()?,
        })
    }
}

impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(folder) => write!(f, "{}", folder.display()),
            Self::Distribution { host, plain, prefix } => {
                let scheme = if *plain && !is_loopback(host) {
                    "oci+http"
                } else {
                    "oci"
                };
                write!(f, "{scheme}://{host}")?;
                prefix.as_ref().map_or(Ok(()), |prefix| write!(f, "/{prefix}"))
            }
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if matches!(self.registry, RegistryUrl::Layout(_)) {
            '#'
        } else {
            '/'
        };
        write!(f, "{}{separator}{}", self.registry, self.reference)
    }
}

/// This machine's own address, which no network carries.
pub(crate) fn is_loopback(host: &str) -> bool {
    match url::Url::parse(&format!("http://{host}"))
        .as_ref()
        .map(url::Url::host)
    {
        Ok(Some(url::Host::Domain(name))) => name == "localhost",
        Ok(Some(url::Host::Ipv4(address))) => address.is_loopback(),
        Ok(Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// The host as it goes into requests, and whether to speak plain HTTP to it.
fn host(text: &str, plain: bool) -> Result<(String, bool), Option<ReferenceError>> {
    if text.contains('@') {
        return Err(Some(ReferenceError::Credentials));
    }
    // A scheme without a default port keeps the port that was written.
    let url = url::Url::parse(&format!("ws+oci://{text}")).map_err(|_| None)?;
    let clean = url.path().is_empty() && url.query().is_none() && url.fragment().is_none();
    let name = url
        .host_str()
        .filter(|name| clean && !name.is_empty() && !name.contains('%'))
        .ok_or(None)?;
    let host = url.port().map_or_else(
        || name.to_lowercase(),
        |port| format!("{}:{port}", name.to_lowercase()),
    );
    let plain = plain || is_loopback(&host);
    Ok((host, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries() {
        for (text, plain) in [
            ("oci://registry.example/deploy/shop", false),
            ("oci://registry.example:443", false),
            ("oci+http://registry.example:5000/a", true),
            ("oci://127.0.0.1:5000/a", true),
            ("oci://[::1]:5000", true),
            ("oci://localhost", true),
            ("oci://127.0.0.1.example", false),
            ("oci://localhost.example", false),
        ] {
            let url: RegistryUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), text);
            assert!(
                matches!(url, RegistryUrl::Distribution { plain: found, .. } if found == plain),
                "{text}"
            );
        }
        assert_eq!(
            ".slipway/registry".parse(),
            Ok(RegistryUrl::Layout(".slipway/registry".into()))
        );
    }

    #[test]
    fn refused() {
        for bad in [
            "",
            "https://x",
            "oci://",
            "oci:///a",
            "oci://host/Upper",
            "oci://host/a/../b",
            "oci://h?q/a",
            "oci://a b",
            "oci://h:x",
        ] {
            assert!(bad.parse::<RegistryUrl>().is_err(), "{bad}");
        }
        let error = "oci://me:hunter2@host/a".parse::<RegistryUrl>().unwrap_err();
        assert_eq!(error, ReferenceError::Credentials);
    }

    #[test]
    fn locations() {
        for text in [
            "oci://registry.example/deploy/web:1",
            "./out#web:1",
            "/a#b/c#web:1",
            "oci+http://host:5000/web:1",
        ] {
            assert_eq!(text.parse::<Location>().unwrap().to_string(), text);
        }
        assert_eq!(
            "localhost:5000/web:1".parse::<Location>().unwrap().to_string(),
            "oci://localhost:5000/web:1"
        );
        for bad in [
            "web:1",
            "shop/web:1",
            "oci://host",
            "oci://host#web:1",
            "https://host/web:1",
        ] {
            assert!(bad.parse::<Location>().is_err(), "{bad}");
        }
    }
}
