//! A folder as one archive: the same bytes for the same files, whoever packs them, when and in which order.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use tar::{Builder, EntryType, Header};

use crate::{
    Failed,
    files::{cannot, is_executable, list_folder},
};

pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<(), Failed> {
    let files = list_folder(folder)?;
    let failed = |error| cannot("write", archive, &error);
    let mut builder = Builder::new(BufWriter::new(File::create(archive).map_err(failed)?));
    for (path, name) in &files {
        append(&mut builder, path, name).map_err(|error| cannot("pack", path, &error))?;
    }
    let done = builder.into_inner().and_then(|mut writer| writer.flush());
    done.map_err(failed)
}

fn append(builder: &mut Builder<impl io::Write>, path: &Path, name: &str) -> io::Result<()> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(meta.len());
    header.set_mode(if is_executable(&meta) { 0o755 } else { 0o644 });
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    builder.append_data(&mut header, name, file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let long = format!("{}/x", "long".repeat(40));
        let packed = |name: &str, files: &[&str]| {
            let folder = dir.path().join(name);
            for file in files {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, *file).unwrap();
            }
            let archive = dir.path().join(format!("{name}.tar"));
            pack(&folder, &archive).unwrap();
            fs::read(archive).unwrap()
        };
        let one = packed("one", &["b.yaml", "a/c.yaml", &long]);
        assert_eq!(one, packed("two", &[&long, "a/c.yaml", "b.yaml"]));
        let read = tar::Archive::new(one.as_slice())
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned())
            .collect::<Vec<_>>();
        assert_eq!(read, ["a/c.yaml", "b.yaml", long.as_str()]);
    }
}
