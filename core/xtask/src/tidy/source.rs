//! The files that the rules are about: all that people write, and nothing that a build leaves behind.

use std::{fs, path::Path};

use crate::talk::Failed;

const SKIPPED: [&str; 5] = [".git", ".slipway", "node_modules", "target", "assembly"];

#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// From 1; 0 for the file as a whole.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Source {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub(crate) fn is_go(&self) -> bool {
        self.path.ends_with(".go")
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(crate) fn is_test(&self) -> bool {
        let folder = |name: &str| self.path.split('/').any(|part| part == name);
        folder("tests") || folder("benches") || self.name() == "tests.rs" || self.name().ends_with("_test.go")
    }

    pub(crate) fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            message: message.into(),
        }
    }
}

/// Everything under a folder that is text, sorted by path.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>, Failed> {
    let mut sources = Vec::new();
    walk(root, root, &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn walk(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder).map_err(Failed::to("read", folder))? {
        let entry = entry.map_err(Failed::to("read", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Failed::to("read", &path))?;
        if kind.is_dir() {
            if !SKIPPED.contains(&&*entry.file_name().to_string_lossy()) {
                walk(root, &path, sources)?;
            }
        } else if kind.is_file() {
            let bytes = fs::read(&path).map_err(Failed::to("read", &path))?;
            // What is not text has no lines to look at.
            if let Ok(text) = String::from_utf8(bytes) {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                sources.push(Source {
                    path: relative.to_string_lossy().replace('\\', "/"),
                    text,
                });
            }
        }
    }
    Ok(())
}
