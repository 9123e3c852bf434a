//! Paths in archives: which folder parts they have, and whether a link stays inside.

use crate::archive::ArchiveError;

/// The parts of an entry's path, without `.`. None of them leaves the archive.
pub(crate) fn parts(path: &str) -> Result<Vec<&str>, String> {
    if path.starts_with('/') {
        return Err("its path is absolute".to_owned());
    }
    if path.contains(['\\', '\0']) {
        return Err("its path has a backslash or a zero byte".to_owned());
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        return Err("its path has `..`".to_owned());
    }
    Ok(parts)
}

/// An entry's path as one inside a folder.
pub(crate) fn inside(path: &str) -> Result<String, ArchiveError> {
    match parts(path) {
        Ok(parts) if !parts.is_empty() => Ok(parts.join("/")),
        Ok(_) => Err(ArchiveError::entry(path, "it has no path")),
        Err(problem) => Err(ArchiveError::entry(path, problem)),
    }
}

/// Does a symbolic link at `link` stay inside, as far as its text says? Links on the way are not known here.
pub(crate) fn stays_inside(link: &[&str], target: &str) -> Result<(), String> {
    if target.is_empty() || target.contains('\0') {
        return Err("it is a link to nothing".to_owned());
    }
    if target.starts_with('/') {
        return Err(format!(
            "it is a link to the absolute path `{}`",
            target.escape_debug()
        ));
    }
    let mut depth = link.len().saturating_sub(1);
    for part in target.split('/') {
        depth = match part {
            "" | "." => depth,
            ".." => depth.checked_sub(1).ok_or_else(|| leaves(target))?,
            _ => depth + 1,
        };
    }
    Ok(())
}

pub(crate) fn leaves(target: &str) -> String {
    format!(
        "it is a link to `{}`, which leaves the archive",
        target.escape_debug()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for (path, expected) in [
            ("a/b", Some("a/b")),
            ("./a//b/.", Some("a/b")),
            ("", Some("")),
            ("..a/b..", Some("..a/b..")),
            ("/etc/passwd", None),
            ("a/../../b", None),
            ("a/..", None),
            ("C:\\x", None),
            ("a\0b", None),
        ] {
            assert_eq!(
                parts(path).ok().map(|parts| parts.join("/")).as_deref(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn links_stay_inside() {
        for (link, target, inside) in [
            ("a", "b", true),
            ("a/b", "../c", true),
            ("a/b/c", "../../x/../y", true),
            ("a", "..", false),
            ("a/b", "../../c", false),
            ("a", "/etc", false),
            ("a", "b/../../c", false),
            ("a", "", false),
        ] {
            let link: Vec<&str> = link.split('/').collect();
            assert_eq!(
                stays_inside(&link, target).is_ok(),
                inside,
                "{link:?} -> {target}"
            );
        }
    }
}
