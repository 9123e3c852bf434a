//! Platforms of images: written as images name them, and only where an image can be.

use super::{Rule, each, shown};
use crate::{
    Source,
    decode::Context,
    written::{self, Document},
};

pub(super) const RULE: Rule = Rule {
    code: "invalid-platform",
    about: "Platforms are `os/architecture` or `os/architecture/variant`, of an image in a registry.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, artifact) in each(&document.artifacts) {
        let Some(platforms) = &artifact.platforms else {
            continue;
        };
        let from = artifact.from.as_ref().map(|from| &from.value);
        let image = matches!(from, None | Some(written::Source::Text(Source::Registry { .. })));
        if !image {
            let message = "an artifact that is no image has no platforms";
            cx.error(RULE.code, platforms.span, message, "not of an image");
            cx.help("images come from a registry: `from = \"registry:repository:tag\"`");
        } else if platforms.value.is_empty() {
            let message = "the list of platforms is empty";
            cx.error(RULE.code, platforms.span, message, "no platform");
            cx.help("leave it away to bring all of them");
        }
        for platform in platforms.value.iter().filter(|platform| !is_one(&platform.value)) {
            let message = format!("`{}` is no platform", shown(&platform.value));
            cx.error(RULE.code, platform.span, message, "not a platform");
            cx.help("write it as `linux/amd64` or `linux/arm/v7`");
        }
    }
}

fn is_one(text: &str) -> bool {
    let words: Vec<_> = text.split('/').collect();
    let word = |word: &&str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !word.is_empty() && word.bytes().all(known)
    };
    matches!(words.len(), 2 | 3) && words.iter().all(word)
}
