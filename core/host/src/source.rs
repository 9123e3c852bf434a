//! Where the bytes of a plugin are: in the program, in memory, or in a file that is read when the plugin is first
//! needed. One that should be in a file and is not is known too: who asks for it is told where it was looked for.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use bytes::Bytes;

use crate::component::{self, Refusal};

pub(crate) struct Source {
    bytes: OnceLock<Result<Bytes, Refusal>>,
    file: PathBuf,
}

impl Source {
    pub(crate) fn embedded(component: &'static [u8]) -> Self {
        Self::known(Ok(Bytes::from_static(component)))
    }

    pub(crate) fn held(component: Vec<u8>) -> Self {
        Self::known(Ok(component.into()))
    }

    pub(crate) fn absent(why: String) -> Self {
        Self::known(Err(Refusal::Absent(why)))
    }

    pub(crate) fn file(path: &Path) -> Self {
        Self {
            bytes: OnceLock::new(),
            file: path.to_owned(),
        }
    }

    fn known(bytes: Result<Bytes, Refusal>) -> Self {
        Self {
            bytes: OnceLock::from(bytes),
            file: PathBuf::new(),
        }
    }

    /// A component: what is a core module in a file becomes one.
    pub(crate) fn bytes(&self) -> Result<Bytes, Refusal> {
        self.bytes.get_or_init(|| read(&self.file)).clone()
    }
}

fn read(file: &Path) -> Result<Bytes, Refusal> {
    let bytes =
        fs::read(file).map_err(|error| Refusal::Unreadable(format!("{}: {error}", file.display())))?;
    component::from_wasm(bytes).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("format-x.wasm");
        let source = Source::file(&path);
        let component = wat::parse_str("(component)").unwrap();
        fs::write(&path, &component).unwrap();
        assert_eq!(source.bytes().as_deref(), Ok(&component[..]));
        fs::remove_file(&path).unwrap();
        assert_eq!(source.bytes().as_deref(), Ok(&component[..]));
        let gone = Source::file(&path).bytes().unwrap_err().to_string();
        assert!(
            gone.ends_with("format-x.wasm: No such file or directory (os error 2)"),
            "{gone}"
        );
    }
}
