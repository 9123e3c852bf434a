//! What the plugins were made of and what came out, so that they are not made again. A changed or missing output
//! counts as much as a changed source.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::talk::Failed;

/// Lines of `<digest or version>  <path or name>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stamp(String);

impl Stamp {
    pub(crate) fn read(path: &Path) -> Self {
        Self(fs::read_to_string(path).unwrap_or_default())
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Failed> {
        fs::write(path, &self.0).map_err(Failed::to("write", path))
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{value}  {name}");
    }

    pub(crate) fn add_file(&mut self, name: &str, path: &Path) -> Result<(), Failed> {
        let bytes = fs::read(path).map_err(Failed::to("read", path))?;
        self.add(name, &digest(&bytes));
        Ok(())
    }

    /// One line for a whole folder or file, by what its files are called and hold.
    pub(crate) fn add_tree(&mut self, root: &Path, name: &str) -> Result<(), Failed> {
        self.add_files(root, name, &|_| false)
    }

    /// The same without the modules of Go in it, which another compiler builds.
    pub(crate) fn add_rust_tree(&mut self, root: &Path, name: &str) -> Result<(), Failed> {
        self.add_files(root, name, &|folder| folder.join("go.mod").is_file())
    }

    fn add_files(&mut self, root: &Path, name: &str, skip: &dyn Fn(&Path) -> bool) -> Result<(), Failed> {
        let mut files = Vec::new();
        collect(&root.join(name), skip, &mut files)?;
        files.sort();
        let mut hasher = Sha256::new();
        for path in files {
            let bytes = fs::read(&path).map_err(Failed::to("read", &path))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            hasher.update(relative.to_string_lossy().as_bytes());
            hasher.update([0]);
            hasher.update(Sha256::digest(&bytes));
        }
        self.add(name, &hex(&hasher.finalize()));
        Ok(())
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.push_str(&other.0);
    }

    /// Every line of the other stands in this one.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        other.0.lines().all(|line| self.0.lines().any(|own| own == line))
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The files of a folder, without what builds leave behind.
fn collect(path: &Path, skip: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> Result<(), Failed> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(Failed::to("read", path))? {
        let entry = entry.map_err(Failed::to("read", path))?;
        if entry.file_name() != "target" && !skip(&entry.path()) {
            collect(&entry.path(), skip, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(root: &Path) -> Stamp {
        let mut stamp = Stamp::default();
        stamp.add_tree(root, "a").unwrap();
        stamp
    }

    #[test]
    fn a_tree_is_known_by_names_and_bytes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/target")).unwrap();
        fs::write(root.join("a/x"), "1").unwrap();
        let before = stamp(root);
        fs::write(root.join("a/target/built"), "ignored").unwrap();
        fs::write(root.join("a/x"), "1").unwrap();
        assert_eq!(stamp(root), before);
        fs::write(root.join("a/x"), "2").unwrap();
        assert_ne!(stamp(root), before);
        fs::write(root.join("a/x"), "1").unwrap();
        fs::rename(root.join("a/x"), root.join("a/y")).unwrap();
        assert_ne!(stamp(root), before);
    }

    #[test]
    fn modules_of_go_are_no_part_of_a_rust_tree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let rust = || {
            let mut stamp = Stamp::default();
            stamp.add_rust_tree(root, "a").unwrap();
            stamp
        };
        fs::create_dir_all(root.join("a/go")).unwrap();
        fs::write(root.join("a/x"), "1").unwrap();
        fs::write(root.join("a/go/go.mod"), "module x").unwrap();
        let (before, whole) = (rust(), stamp(root));
        fs::write(root.join("a/go/main.go"), "package main").unwrap();
        assert_eq!(rust(), before);
        assert_ne!(stamp(root), whole);
    }

    #[test]
    fn one_holds_another_line_by_line() {
        let mut all = Stamp::default();
        all.add("a", "1");
        all.add("b", "2");
        let mut part = Stamp::default();
        assert!(all.holds(&part));
        part.add("b", "2");
        assert!(all.holds(&part));
        part.add("a", "3");
        assert!(!all.holds(&part));
    }
}
