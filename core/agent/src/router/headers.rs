//! Headers that end at this hop, and those that tell an instance who asks. Pure.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

const HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// The protocol that the sender wants to change to.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = names(headers).any(|name| name.eq_ignore_ascii_case("upgrade"));
    headers.get(header::UPGRADE).filter(|_| asked).cloned()
}

pub(super) fn strip(headers: &mut HeaderMap) {
    // A length beside a transfer coding is a known way to make two servers disagree on where a request ends.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        headers.remove(header::CONTENT_LENGTH);
    }
    let named: Vec<HeaderName> = names(headers).filter_map(|name| name.parse().ok()).collect();
    for name in named
        .iter()
        .chain(&HOP)
        .filter(|name| **name != header::CONTENT_LENGTH && **name != header::HOST)
    {
        headers.remove(name);
    }
}

pub(super) fn ask_for_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

/// `trusted`: what another proxy wrote there is kept and added to.
pub(super) fn forward(headers: &mut HeaderMap, peer: IpAddr, trusted: bool) {
    if !trusted {
        for name in [FOR, PROTO, HOST, FORWARDED] {
            headers.remove(name);
        }
    }
    let before: Vec<&str> = headers
        .get_all(&FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let all = before
        .into_iter()
        .map(str::to_owned)
        .chain([peer.to_canonical().to_string()]);
    if let Ok(all) = HeaderValue::try_from(all.collect::<Vec<_>>().join(", ")) {
        headers.insert(FOR, all);
    }
    if !headers.contains_key(&PROTO) {
        headers.insert(PROTO, HeaderValue::from_static("http"));
    }
    if let Some(host) = headers
        .get(header::HOST)
        .cloned()
        .filter(|_| !headers.contains_key(&HOST))
    {
        headers.insert(HOST, host);
    }
}

pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

fn names(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut HeaderMap), before: &[(&str, &str)], after: &[(&str, &str)]) {
        let mut headers = HeaderMap::new();
        for (name, value) in before {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        change(&mut headers);
        let mut found: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, after);
    }

    #[test]
    fn what_ends_here() {
        check(
            strip,
            &[
                ("connection", "close, X-Own"),
                ("x-own", "1"),
                ("te", "trailers"),
                ("accept", "a"),
                ("upgrade", "b"),
            ],
            &[("accept", "a")],
        );
        check(
            strip,
            &[("transfer-encoding", "chunked"), ("content-length", "5")],
            &[],
        );
        check(
            strip,
            &[
                ("connection", "host, content-length"),
                ("content-length", "5"),
                ("host", "a"),
            ],
            &[("content-length", "5"), ("host", "a")],
        );
    }

    #[test]
    fn who_asks() {
        let peer: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        let sent = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("host", "shop"),
        ];
        check(
            |headers| forward(headers, peer, false),
            &sent,
            &[
                ("host", "shop"),
                ("x-forwarded-for", "10.0.0.1"),
                ("x-forwarded-host", "shop"),
                ("x-forwarded-proto", "http"),
            ],
        );
        check(
            |headers| forward(headers, peer, true),
            &sent,
            &[
                ("host", "shop"),
                ("x-forwarded-for", "1.1.1.1, 10.0.0.1"),
                ("x-forwarded-host", "shop"),
                ("x-forwarded-proto", "https"),
            ],
        );
    }

    #[test]
    fn cookies_and_upgrades() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; slipway=abc;b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "slipway").as_deref(), Some("abc"));
        assert_eq!(cookie(&headers, "slip"), None);
        headers.insert(header::UPGRADE, "websocket".parse().unwrap());
        assert_eq!(upgrade(&headers), None);
        headers.insert(header::CONNECTION, "keep-alive, Upgrade".parse().unwrap());
        assert_eq!(upgrade(&headers).unwrap(), "websocket");
    }
}
