//! Credentials of systemd: files that a unit is handed in a folder of its own.

use std::{env, ffi::OsString, fs, io, path::PathBuf};

use slipway_engine::Failed;

/// Where systemd says that the folder is.
const FOLDER: &str = "CREDENTIALS_DIRECTORY";

pub(super) fn read(name: &str, what: &str) -> Result<String, Failed> {
    read_in(env::var_os(FOLDER), name, what)
}

/// Whether it can be the name of one: that of a file, and nothing that leads elsewhere.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !matches!(name, "." | "..") && !name.contains(['/', '\0', ':'])
}

fn read_in(folder: Option<OsString>, name: &str, what: &str) -> Result<String, Failed> {
    let load = format!("LoadCredential={name}:/path/to/it");
    let Some(folder) = folder.filter(|folder| !folder.is_empty()) else {
        let text = format!("{what} is to be the systemd credential {name}, and there is no ${FOLDER}");
        return Err(Failed::new(text).hint(format!(
            "{load} in the [Service] of the unit that starts slipway, or `systemd-run -p {load}`"
        )));
    };
    let path = PathBuf::from(folder).join(name);
    fs::read_to_string(&path).map_err(|error| {
        let failed = Failed::new(format!(
            "{what} is to be the systemd credential {}: {error}",
            path.display()
        ));
        match error.kind() {
            io::ErrorKind::NotFound => failed.hint(format!("{load} in the [Service] of the unit")),
            _ => failed,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_a_file_of_the_unit() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), "hunter2").unwrap();
        let read = |folder: Option<&std::path::Path>, name| {
            read_in(
                folder.map(|folder| folder.as_os_str().to_owned()),
                name,
                "the secret db",
            )
        };
        assert_eq!(read(Some(folder.path()), "db").unwrap(), "hunter2");
        let missing = read(Some(folder.path()), "other").unwrap_err();
        let hint = "LoadCredential=other:/path/to/it in the [Service] of the unit";
        assert_eq!(missing.hint.as_deref(), Some(hint));
        let no_unit = read(None, "db").unwrap_err();
        assert!(
            no_unit.message.contains("there is no $CREDENTIALS_DIRECTORY"),
            "{}",
            no_unit.message
        );
        assert!(no_unit.hint.unwrap().contains("LoadCredential=db:"));
        assert!(is_name("db-password") && !["", ".", "..", "a/b", "a:b"].iter().any(|name| is_name(name)));
    }
}
