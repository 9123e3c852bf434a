//! The cases of the corpus, read from `tests/kustomize`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use slipway_format_kubernetes::Files;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) files: Files,
    /// The folder that is built: `overlay` if there is one.
    pub(crate) root: String,
}

pub(crate) fn all() -> Vec<Case> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kustomize");
    let mut folders: Vec<PathBuf> = fs::read_dir(&corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.into_iter().map(case).collect()
}

fn case(folder: PathBuf) -> Case {
    let mut files = Files::default();
    read(&folder, &folder, &mut files);
    Case {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        root: if folder.join("overlay").is_dir() {
            "overlay"
        } else {
            ""
        }
        .to_owned(),
        folder,
        files,
    }
}

fn read(folder: &Path, root: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, root, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if !name.starts_with("expected.") {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}
