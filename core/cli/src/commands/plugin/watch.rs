//! Waits until somebody has changed a project.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const LOOK: Duration = Duration::from_millis(300);
/// What builds and tests write.
const MADE: [&str; 5] = [
    "target",
    "node_modules",
    "__pycache__",
    "Cargo.lock",
    "package-lock.json",
];

/// All sources of a project as they are now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sources(Vec<(PathBuf, SystemTime, u64)>);

impl Sources {
    pub(super) fn of(project: &Path) -> Self {
        let mut found = Vec::new();
        let mut folders = vec![project.to_path_buf()];
        while let Some(folder) = folders.pop() {
            // What goes away while it is looked at has changed, and is seen to have the next time.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                let made = name.ends_with(".wasm") || name.ends_with(".unfinished");
                if name.starts_with('.') || made || MADE.contains(&name.as_ref()) {
                    continue;
                }
                match entry.metadata() {
                    Ok(metadata) if metadata.is_dir() => folders.push(path),
                    Ok(metadata) => {
                        let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                        found.push((path, changed, metadata.len()));
                    }
                    Err(_) => {}
                }
            }
        }
        found.sort();
        Self(found)
    }

    /// Until they are others.
    pub(super) async fn change(&self, project: &Path) {
        while Self::of(project) == *self {
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_count() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        write("src/lib.rs");
        let before = Sources::of(folder.path());
        assert_eq!(before.0.len(), 1);
        for made in [
            "target/a",
            "node_modules/b/c.js",
            ".venv/d",
            "acme.wasm",
            "src/__pycache__/e.pyc",
        ] {
            write(made);
        }
        assert_eq!(Sources::of(folder.path()), before);
        write("src/api.rs");
        assert_ne!(Sources::of(folder.path()), before);
    }
}
