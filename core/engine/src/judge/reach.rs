//! How instances are asked: by an address of their own, or through an endpoint of their target, which the host knows
//! the address and the credentials of.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use slipway_plugin::{Address, Endpoint, Http, HttpAnswer, HttpRequest, Mask};

pub(crate) struct Reach<'a> {
    pub(crate) http: &'a dyn Http,
    /// Those of the target, by the names that addresses have.
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    /// The folder of deploy.toml, where programs run.
    pub(crate) folder: PathBuf,
    /// An instance may answer with its secrets, and programs may print them.
    pub(crate) mask: Mask,
}

impl Reach<'_> {
    /// `address` is `host:port`, or `ENDPOINT:/PATH`. The error says what did not work, for a person.
    pub(crate) async fn ask(
        &self,
        address: &str,
        (method, path): (&str, &str),
        headers: Vec<(String, String)>,
        timeout: Duration,
    ) -> Result<HttpAnswer, String> {
        let what = shown(address, path);
        let (endpoint, path) = match through(address) {
            None => (
                Endpoint::at(Address::Url(format!("http://{address}"))),
                path.to_owned(),
            ),
            Some((name, prefix)) => {
                let endpoint = self.endpoints.get(name);
                let endpoint = endpoint.ok_or_else(|| format!("{what}: there is no endpoint `{name}`"))?;
                (endpoint.clone(), format!("{prefix}{path}"))
            }
        };
        let request = HttpRequest {
            method: method.to_owned(),
            path,
            headers,
            timeout,
        };
        let answer = self.http.send(&what, &endpoint, request).await;
        let answer = answer.map_err(|failure| failure.message)?;
        let body = self.mask.mask(&answer.body);
        Ok(HttpAnswer { body, ..answer })
    }
}

/// The endpoint and the path there, where an address leads through one.
pub(crate) fn through(address: &str) -> Option<(&str, &str)> {
    let (name, path) = address.split_once(":/")?;
    Some((name, &address[name.len() + 1..])).filter(|_| !path.is_empty())
}

/// For messages.
pub(crate) fn shown(address: &str, path: &str) -> String {
    match through(address) {
        None => format!("http://{address}{path}"),
        Some(_) => format!("{address}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(through("127.0.0.1:80"), None);
        assert_eq!(through("[::1]:80"), None);
        assert_eq!(
            through("cluster:/api/v1/namespaces/a/services/web:80/proxy"),
            Some(("cluster", "/api/v1/namespaces/a/services/web:80/proxy"))
        );
        assert_eq!(shown("a:1", "/x"), "http://a:1/x");
        assert_eq!(shown("cluster:/web", "/x"), "cluster:/web/x");
    }
}
