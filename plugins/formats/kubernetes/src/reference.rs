//! References of images, spelled out: two that mean the same are then the same text.

const HUB: &str = "docker.io";

/// With the registry, the folder and the tag that are meant where none is written; a digest decides over a tag. None
/// for what is no reference.
pub(crate) fn canonical(reference: &str) -> Option<String> {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) if is_digest(digest) => (rest, Some(digest)),
        Some(_) => return None,
        None => (reference, None),
    };
    let host = rest
        .split_once('/')
        .filter(|(first, _)| first.contains(['.', ':']) || *first == "localhost");
    let (registry, rest) = match host {
        Some((host, rest)) if is_host(host) => (host, rest),
        Some(_) => return None,
        None => (HUB, rest),
    };
    let (name, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
    if !name.split('/').all(is_part) || !is_tag(tag) {
        return None;
    }
    let registry = if registry == "index.docker.io" {
        HUB
    } else {
        registry
    };
    let library = if registry == HUB && !name.contains('/') {
        "library/"
    } else {
        ""
    };
    Some(match digest {
        Some(digest) => format!("{registry}/{library}{name}@{digest}"),
        None => format!("{registry}/{library}{name}:{tag}"),
    })
}

/// It can hardly be anything else: it has a path, and a tag or a digest.
pub(crate) fn is_explicit(text: &str) -> bool {
    let last = text.rsplit_once('/').map(|(_, last)| last);
    last.is_some_and(|last| last.contains([':', '@'])) && canonical(text).is_some()
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    name.split('.').all(label) && !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit())
}

/// Lower case and digits, with single separators between them: a dot, one or two underscores, or dashes.
fn is_part(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = text.split(plain).filter(|between| !between.is_empty());
    text.starts_with(plain)
        && text.ends_with(plain)
        && separators
            .clone()
            .all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|c| c == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|c| word(c) || c == b'.' || c == b'-')
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        let named = algorithm
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"+._-".contains(&c));
        !algorithm.is_empty()
            && named
            && hex.len() >= 32
            && hex.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let hash = "sha256:0123456789abcdef0123456789abcdef";
        for (text, meant) in [
            ("nginx", "docker.io/library/nginx:latest".to_owned()),
            ("index.docker.io/a/b:1", "docker.io/a/b:1".to_owned()),
            ("localhost/a", "localhost/a:latest".to_owned()),
            ("host:5000/a-b/c__d:1.0", "host:5000/a-b/c__d:1.0".to_owned()),
            (&format!("a:1@{hash}"), format!("docker.io/library/a@{hash}")),
        ] {
            assert_eq!(canonical(text), Some(meant), "{text}");
        }
        for text in [
            "",
            "A",
            "a b",
            "a:",
            "$(x)",
            "{{ x }}",
            "a@sha256:1",
            "a/-b",
            "a..b/c",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
        assert!(is_explicit("a/b:1") && !is_explicit("a/b") && !is_explicit("b:1"));
    }
}
