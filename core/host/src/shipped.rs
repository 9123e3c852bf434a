//! Compiled code that was shipped in a file beside a plugin. It is native code, and trusted as far as the program
//! itself: nobody but root and this user may have been able to write it.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Group and others may not write.
const WRITABLE: u32 = 0o022;

/// None if it is not there, or if somebody else could have written it.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let folder = path.parent()?;
    check(&fs::metadata(folder).ok()?).ok()?;
    let mut file = File::open(path).ok()?;
    check(&file.metadata().ok()?).ok()?;
    let mut code = Vec::new();
    file.read_to_end(&mut code).ok()?;
    Some(code)
}

fn check(metadata: &fs::Metadata) -> io::Result<()> {
    let ours = [0, rustix::process::geteuid().as_raw()].contains(&metadata.uid());
    if ours && metadata.mode() & WRITABLE == 0 {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_others_could_have_written_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.cwasm");
        let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(read(&path), None);
        fs::write(&path, "code").unwrap();
        for (folder_mode, file_mode, trusted) in [
            (0o700, 0o600, true),
            (0o755, 0o644, true),
            (0o755, 0o664, false),
            (0o755, 0o646, false),
            (0o775, 0o644, false),
        ] {
            allow(folder.path(), folder_mode);
            allow(&path, file_mode);
            assert_eq!(read(&path).is_some(), trusted, "{folder_mode:o} {file_mode:o}");
        }
    }
}
