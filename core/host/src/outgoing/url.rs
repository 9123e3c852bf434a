//! The address is the host's and the path is whoever asks': no path may be read as an address or leave its prefix.

use slipway_plugin::{Address, Failure, FailureKind};
use url::Url;

use super::refused;

pub(super) fn url(address: &Address, path: &str) -> Result<Url, Failure> {
    let bad = |problem: &str| refused(format!("path `{}`: {problem}", path.escape_debug()));
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
    let dots = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if plain.split('/').any(dots) {
        return Err(bad("it has no part `.` or `..`"));
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
