//! The address is the host's and the path is whoever asks': no path may be read as an address or leave its prefix.

use slipway_plugin::{Address, Failure, FailureKind};
use url::Url;

use super::refused;
use crate::limits;

/// Characters of a path that is refused.
const SHOWN: usize = 200;

/// Bytes of a path with its query: more than servers take.
const LENGTH: usize = 32 << 10;

pub(super) fn url(address: &Address, path: &str) -> Result<Url, Failure> {
    let bad = |problem: &str| {
        let shown: String = path.chars().take(SHOWN).collect();
        refused(format!("path `{}`: {problem}", shown.escape_debug()))
    };
    if path.len() > LENGTH {
        return Err(bad(&format!("it has more than {}", limits::bytes(LENGTH))));
    }
    let (plain, query) = path
        .split_once('?')
        .map_or((path, None), |(plain, query)| (plain, Some(query)));
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains(['\\', '#']) {
        return Err(bad(
            "it is made of visible ASCII without `\\` and `#`; everything else is percent-encoded",
        ));
    }
    if !plain.starts_with('/') || plain.contains("//") {
        return Err(bad("it begins with one `/` and has no empty part"));
    }
    // As servers may read it: decoded before it is taken apart, and without the parameters of a part.
    let read = decoded(plain);
    let dots = |part: &str| matches!(part.split(';').next(), Some("." | ".."));
    if read.split(['/', '\\']).any(dots) {
        return Err(bad("it has no part `.` or `..`"));
    }
    if read.chars().any(char::is_control) {
        return Err(bad("it has no control characters, percent-encoded or not"));
    }
    let base = match address {
        Address::Unix(_) => "http://localhost",
        Address::Url(url) => url.as_str(),
    };
    let mut url = Url::parse(base)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Failed,
                "the endpoint's address is not an http or https URL",
            )
        })?;
    let prefix = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{plain}"));
    url.set_query(query);
    url.set_fragment(None);
    Ok(url)
}

fn decoded(plain: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut rest) = (Vec::new(), plain.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        let escape = (*byte == b'%').then(|| Some((digit(after.first())?, digit(after.get(1))?)));
        match escape.flatten() {
            Some((high, low)) => {
                decoded.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            None => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
