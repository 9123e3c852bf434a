//! What a registry's `WWW-Authenticate` asks for, and the token service that it may name.

use serde::Deserialize;
use url::Url;

use crate::error::Cause;

/// The greater one is preferred where a server offers both.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                _ => {}
            }
        }
        Some(Self::Bearer {
            realm: realm?,
            service,
        })
    }
}

/// Where to ask for a token. A registry reached by TLS may not send us, and our password, to a place without it.
pub(super) fn token_url(
    realm: &str,
    service: Option<&str>,
    scopes: &[String],
    origin: &Url,
) -> Result<Url, Cause> {
    let mut url =
        Url::parse(realm).map_err(|_| Cause::Malformed("the address of its token service".to_owned()))?;
    if url.scheme() != "https" && (url.scheme() != "http" || origin.scheme() == "https") {
        return Err(Cause::Unsupported(
            "the registry names a token service without TLS, which is refused".to_owned(),
        ));
    }
    let service = service.map(|service| ("service", service));
    let scopes = scopes.iter().map(|scope| ("scope", scope.as_str()));
    url.query_pairs_mut()
        .extend_pairs(service.into_iter().chain(scopes));
    Ok(url)
}

/// The value of an `Authorization` header from a token service's answer.
pub(super) fn token(body: &[u8]) -> Result<String, Cause> {
    #[derive(Deserialize)]
    struct Body {
        token: Option<String>,
        access_token: Option<String>,
    }
    // The parser's own message could quote the token.
    let body: Option<Body> = serde_json::from_slice(body).ok();
    let token = body.and_then(|body| body.token.or(body.access_token));
    token
        .map(|token| format!("Bearer {token}"))
        .ok_or_else(|| Cause::Malformed("a token service's answer without a token".to_owned()))
}

/// `name="value", name=value`: a quoted value may hold commas.
fn parameters(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        found.push((name.trim_matches([' ', ',']), value.trim().to_owned()));
        rest = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
            })
        };
        for (header, expected) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://a/t\",service=\"s, t\",scope=\"repository:a:pull,push\"",
                bearer("https://a/t", Some("s, t")),
            ),
            (
                "bearer Realm=https://a/t, service=s",
                bearer("https://a/t", Some("s")),
            ),
            ("Bearer service=\"s\"", None),
            ("Bearer realm=\"https://a", bearer("https://a", None)),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(Challenge::parse(header), expected, "{header}");
        }
    }

    #[test]
    fn a_token_service_needs_tls_where_the_registry_has_it() {
        let check = |realm: &str, origin: &str| {
            token_url(
                realm,
                Some("s"),
                &["repository:a:pull".to_owned()],
                &origin.parse().unwrap(),
            )
        };
        assert_eq!(
            check("https://a/t?x=1", "https://b").unwrap().as_str(),
            "https://a/t?x=1&service=s&scope=repository%3Aa%3Apull"
        );
        assert!(check("http://a/t", "http://b").is_ok());
        assert!(check("http://a/t", "https://b").is_err());
        assert!(check("file:///a", "http://b").is_err());
        assert!(check("nonsense", "http://b").is_err());
    }
}
