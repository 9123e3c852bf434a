//! The address of an instance: a Service, by way of the API server. The target writes it, the routers read the Service
//! out of it, the host sends checks there.

use std::{fmt, str::FromStr};

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub namespace: String,
    pub service: String,
    pub port: u16,
}

const BEGIN: &str = "cluster:/api/v1/namespaces/";

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{BEGIN}{}/services/{}:{}/proxy",
            self.namespace, self.service, self.port
        )
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (namespace, rest) = text.strip_prefix(BEGIN)?.split_once("/services/")?;
            let (service, port) = rest.strip_suffix("/proxy")?.split_once(':')?;
            Some(Self {
                namespace: namespace.to_owned(),
                service: service.to_owned(),
                port: port.parse().ok()?,
            })
        };
        read().ok_or_else(|| format!("`{text}` is no Service of a cluster: this router sends users to instances of the target `kubernetes`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        let text = "cluster:/api/v1/namespaces/shop/services/web-1a2b3c4d:80/proxy";
        let address: Address = text.parse().unwrap();
        assert_eq!((address.service.as_str(), address.port), ("web-1a2b3c4d", 80));
        assert_eq!(address.to_string(), text);
        assert!("127.0.0.1:80".parse::<Address>().is_err());
    }
}
