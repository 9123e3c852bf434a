//! Names that stay within what the API allows, and the same ones every time.

/// Of most objects; a Service's is that of a label.
pub const NAME_LIMIT: usize = 253;

/// The first digits of a revision's digest, which name it in the cluster.
pub fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..8).unwrap_or(hex)
}

/// `web-1a2b3c4d`. What is too long is cut and told apart by a few digits of its own.
pub fn suffixed(name: &str, suffix: &str, limit: usize) -> String {
    let room = limit - suffix.len() - 1;
    format!("{}-{suffix}", fitting(name, room))
}

/// The name itself, or as much of it as there is room for with digits that tell it from others.
pub fn fitting(name: &str, room: usize) -> String {
    if name.len() <= room {
        return name.to_owned();
    }
    let digits = format!("{:08x}", hash(name));
    let mut end = room - digits.len() - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{digits}", name[..end].trim_end_matches(['-', '.']))
}

/// FNV-1a: nobody attacks it here, it must only be the same everywhere.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LABEL_LIMIT;

    #[test]
    fn long_names_are_cut_and_told_apart() {
        assert_eq!(short("sha256:1a2b3c4d5e"), "1a2b3c4d");
        assert_eq!(suffixed("web", "1a2b3c4d", LABEL_LIMIT), "web-1a2b3c4d");
        let (one, other) = ("a".repeat(60) + "b", "a".repeat(60) + "c");
        let (one, other) = (suffixed(&one, "1a2b3c4d", 63), suffixed(&other, "1a2b3c4d", 63));
        assert_ne!(one, other);
        assert!(one.len() <= 63 && one.ends_with("-1a2b3c4d"), "{one}");
    }
}
