//! Formats that ship beside the program, because they are too big to be in it: `format-<name>.wasm` in a folder that
//! `SLIPWAY_PLUGINS` names, or else in `../lib/slipway/plugins`, `plugins` or `../plugins` as seen from the program.
//! Targets and routers are not taken from there: they reach what is the operator's, and a manifest has to grant that.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use slipway_host::Beside;
use slipway_plugin::Kind;

const FOLDERS: &str = "SLIPWAY_PLUGINS";
/// Formats of ours, with how they are made: known by name where they are missing.
const OURS: [(&str, &str); 1] = [(
    "helm",
    "`cargo xtask build-plugins` makes it where there is Go 1.26 (https://go.dev/dl)",
)];

pub(super) fn beside() -> Vec<Beside> {
    find(&folders())
}

fn folders() -> Vec<PathBuf> {
    if let Some(folder) = env::var_os(FOLDERS) {
        return vec![folder.into()];
    }
    // Where the program really is, whatever link led here.
    let program = env::current_exe().and_then(fs::canonicalize).unwrap_or_default();
    program.parent().map(installed).unwrap_or_default()
}

fn installed(bin: &Path) -> Vec<PathBuf> {
    let above = bin.parent().unwrap_or(bin);
    vec![
        above.join("lib/slipway/plugins"),
        bin.join("plugins"),
        above.join("plugins"),
    ]
}

/// Those that are in the folders, the first counts; and those of ours that are in none.
fn find(folders: &[PathBuf]) -> Vec<Beside> {
    let mut found: Vec<Beside> = Vec::new();
    for folder in folders {
        // A folder that is not there, or that this user may not look into, has none.
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        for path in files {
            let file = path.file_name().and_then(|name| name.to_str());
            let name = file.and_then(|file| file.strip_prefix("format-")?.strip_suffix(".wasm"));
            let Some(name) = name.filter(|name| !found.iter().any(|other| other.name == **name)) else {
                continue;
            };
            found.push(Beside {
                kind: Kind::Format,
                name: name.to_owned(),
                file: Ok(path.clone()),
            });
        }
    }
    for (name, made) in OURS {
        if !found.iter().any(|other| other.name == name) {
            found.push(missing(name, made, folders));
        }
    }
    found
}

fn missing(name: &str, made: &str, folders: &[PathBuf]) -> Beside {
    let looked: Vec<_> = folders
        .iter()
        .map(|folder| folder.join(format!("format-{name}.wasm")).display().to_string())
        .collect();
    let why = format!(
        "it ships beside the program, and there is no {}: {made}; {FOLDERS} names another folder",
        looked.join(", no ")
    );
    Beside {
        kind: Kind::Format,
        name: name.to_owned(),
        file: Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_that_has_it_counts() {
        let root = tempfile::tempdir().unwrap();
        let folders = ["one", "two", "none"].map(|name| root.path().join(name));
        for (folder, file) in [
            (0, "format-a.wasm"),
            (1, "format-a.wasm"),
            (1, "format-helm.wasm"),
            (1, "format-b.cwasm"),
            (1, "target-c.wasm"),
        ] {
            fs::create_dir_all(&folders[folder]).unwrap();
            fs::write(folders[folder].join(file), "").unwrap();
        }
        let found: Vec<_> = find(&folders).into_iter().map(|it| (it.name, it.file)).collect();
        assert_eq!(
            found,
            [
                ("a".to_owned(), Ok(folders[0].join("format-a.wasm"))),
                ("helm".to_owned(), Ok(folders[1].join("format-helm.wasm"))),
            ]
        );
    }

    #[test]
    fn one_of_ours_that_is_missing_says_where_it_was_looked_for() {
        let [missing] = &find(&installed(Path::new("/usr/bin")))[..] else {
            panic!("nothing is installed there");
        };
        assert_eq!(
            missing.file,
            Err(
                "it ships beside the program, and there is no /usr/lib/slipway/plugins/format-helm.wasm, no \
                 /usr/bin/plugins/format-helm.wasm, no /usr/plugins/format-helm.wasm: `cargo xtask build-plugins` \
                 makes it where there is Go 1.26 (https://go.dev/dl); SLIPWAY_PLUGINS names another folder"
                    .to_owned()
            )
        );
    }
}
