//! Downloads: https, and a whole SHA-256.

use url::Url;

use super::{Rule, each, shown};
use crate::{
    decode::Context,
    normalise::sha256,
    written::{Document, Source},
};

pub(super) const RULE: Rule = Rule {
    code: "invalid-download",
    about: "Downloads are by https, without credentials, and verified.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let artifacts = each(&document.artifacts).map(|(_, _, artifact)| &artifact.from);
    for from in artifacts
        .chain(each(&document.plugins).map(|(_, _, plugin)| &plugin.from))
        .flatten()
    {
        let Source::Download(download) = &from.value else {
            continue;
        };
        if let Some(url) = &download.url {
            match Url::parse(&url.value) {
                Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
                    cx.error(
                        RULE.code,
                        url.span,
                        "a download's URL holds no user name and no password",
                        "credentials",
                    );
                    cx.secret();
                    cx.help("credentials are the operator's: take them out of the URL");
                }
                Ok(parsed) if parsed.scheme() == "https" => {}
                _ => {
                    let message = format!("`{}` is not an https URL", shown(&url.value));
                    cx.error(RULE.code, url.span, message, "not https");
                }
            }
        }
        if let Some(digest) = &download.sha256
            && sha256(&digest.value).is_none()
        {
            let message = format!(
                "`{}` is not a SHA-256: 64 lower-case hexadecimal digits",
                shown(&digest.value)
            );
            cx.error(RULE.code, digest.span, message, "not a SHA-256");
        }
    }
}
