//! The final files of one environment, and the digest that names the revision made of them.

use std::collections::BTreeMap;

use slipway_model::{Digest, Hasher};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, File>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub bytes: Vec<u8>,
    pub executable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    #[error("`{path}` cannot be a file of a tree: {why}")]
    Path { path: String, why: &'static str },
    #[error("`{path}` is in the tree twice: remove one of the two")]
    Twice { path: String },
    #[error("`{path}` cannot be both a file and a folder: rename one of the two")]
    FileAndFolder { path: String },
}

impl Tree {
    pub fn insert(&mut self, path: impl Into<String>, file: File) -> Result<(), TreeError> {
        let path = path.into();
        check_path(&path).map_err(|why| TreeError::Path {
            path: path.clone(),
            why,
        })?;
        let parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        if parents.into_iter().any(|parent| self.0.contains_key(parent)) || self.has_folder(&path) {
            return Err(TreeError::FileAndFolder { path });
        }
        if self.0.contains_key(&path) {
            return Err(TreeError::Twice { path });
        }
        self.0.insert(path, file);
        Ok(())
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Sorted by the bytes of the path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    fn has_folder(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.0
            .range(folder.clone()..)
            .next()
            .is_some_and(|(next, _)| next.starts_with(&folder))
    }
}

impl IntoIterator for Tree {
    type Item = (String, File);
    type IntoIter = std::collections::btree_map::IntoIter<String, File>;

    /// Sorted by the bytes of the path.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Why `path` cannot name a file inside a tree, if it cannot: `/` separates, nothing leaves the tree.
pub fn check_path(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("it is empty");
    }
    if path.len() > 1024 {
        return Err("it is longer than 1024 bytes");
    }
    if path.chars().any(char::is_control) {
        return Err("it holds a control character");
    }
    if path.contains('\\') {
        return Err("it holds a backslash: folders are separated by `/`");
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return Err("it is not relative");
    }
    match path.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        Some("..") => Err("`..` could leave the tree"),
        Some(_) => Err("it has an empty part or `.`"),
        None => Ok(()),
    }
}

/// SHA-256 over one line per file, sorted by the bytes of the path: `<sha256 of the content, 64 hex digits>`, two
/// spaces, the mode (`0644`, or `0755` for an executable), a space, the path, a newline. No times, no owners.
pub fn tree_digest(tree: &Tree) -> Digest {
    let mut hasher = Hasher::default();
    for (path, file) in tree.iter() {
        let mode = if file.executable { "0755" } else { "0644" };
        hasher.update(format!("{}  {mode} {path}\n", Digest::of(&file.bytes).hex()));
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(content: &str) -> File {
        File {
            bytes: content.into(),
            executable: false,
        }
    }

    #[test]
    fn paths_stay_inside() {
        for good in ["a", "a/b.toml", ".env", "a..b", "ä/ö", "...", "a b"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        let long = "a".repeat(1025);
        for bad in [
            "", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\0", "a\nb", "C:/a", "a\\b", "..", &long,
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
            assert!(
                matches!(Tree::default().insert(bad, file("")), Err(TreeError::Path { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_file_is_not_a_folder() {
        for (first, second) in [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a")] {
            let mut tree = Tree::default();
            tree.insert(first, file("")).unwrap();
            assert_eq!(
                tree.insert(second, file("")),
                Err(TreeError::FileAndFolder { path: second.into() })
            );
        }
        let mut tree = Tree::default();
        tree.insert("a", file("")).unwrap();
        tree.insert("a-b", file("")).unwrap();
        assert_eq!(
            tree.insert("a", file("x")),
            Err(TreeError::Twice { path: "a".into() })
        );
    }

    #[test]
    fn the_digest_is_the_published_format() {
        let mut tree = Tree::default();
        tree.insert(
            "b",
            File {
                bytes: b"".into(),
                executable: true,
            },
        )
        .unwrap();
        tree.insert("a", file("")).unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            tree_digest(&tree),
            Digest::of(format!("{empty}  0644 a\n{empty}  0755 b\n"))
        );
        assert_eq!(tree_digest(&Tree::default()), Digest::of(""));
    }

    proptest! {
        #[test]
        fn the_digest_knows_nothing_of_the_order(files in proptest::collection::btree_map("[a-z]{1,8}", ".{0,20}", 0..8)) {
            let build = |files: Vec<(&String, &String)>| {
                let mut tree = Tree::default();
                files.into_iter().for_each(|(path, text)| tree.insert(path, file(text)).unwrap());
                tree_digest(&tree)
            };
            let backwards: Vec<_> = files.iter().rev().collect();
            prop_assert_eq!(build(files.iter().collect()), build(backwards));
        }
    }
}
