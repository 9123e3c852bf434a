//! From the sources in a folder to a component beside them.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{Error, Result, component, toolchain::Toolchain};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Named after the package, in the folder.
    pub component: PathBuf,
    /// The compiler, as it names itself.
    pub compiler: String,
}

/// Cargo says on stderr how far it is. The component is complete, or as it was before.
pub fn build(folder: &Path) -> Result<Built> {
    let folder = fs::canonicalize(folder).map_err(Error::file("find", folder))?;
    if !folder.join("Cargo.toml").is_file() {
        return Err(Error::NoSources(folder));
    }
    let toolchain = Toolchain::present().ok_or(Error::NoCompiler)?;
    let mut command = toolchain.build(&folder);
    command.args(["--release", "--message-format=json-render-diagnostics"]);
    let module = module(&mut command)?.ok_or_else(|| Error::NoModule(folder.clone()))?;
    let bytes = fs::read(&module.file).map_err(Error::file("read", &module.file))?;
    let target = folder.join(module.package).with_extension("wasm");
    let unfinished = target.with_extension(format!("{}.unfinished", std::process::id()));
    fs::write(&unfinished, component(&bytes)?).map_err(Error::file("write", &unfinished))?;
    fs::rename(&unfinished, &target).map_err(Error::file("write", &target))?;
    Ok(Built {
        component: target,
        compiler: toolchain.version,
    })
}

struct Module {
    package: String,
    file: PathBuf,
}

/// The last that cargo says it has made: those before are of what the package depends on.
fn module(command: &mut Command) -> Result<Option<Module>> {
    let shown = shown(command);
    let start = |source| Error::Start {
        command: shown.clone(),
        source,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(start)?;
    let said = child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines());
    let mut found = None;
    for line in said {
        found = of_line(&line.map_err(start)?).or(found);
    }
    let status = child.wait().map_err(start)?;
    match status.success() {
        true => Ok(found),
        false => Err(Error::Failed {
            command: shown,
            status,
        }),
    }
}

/// What cargo says in JSON of an artifact that it has made, or found to be made.
fn of_line(line: &str) -> Option<Module> {
    let message: Value = serde_json::from_str(line).ok()?;
    let files = message.get("filenames")?.as_array()?;
    let file = files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".wasm"))?;
    // `path+file:///folder#name@0.1.0`, without a name where the folder is called as the package is.
    let (folder, id) = message.get("package_id")?.as_str()?.rsplit_once('#')?;
    let named = id.split_once('@').map(|(name, _)| name);
    let package = named.or_else(|| folder.rsplit('/').next())?;
    Some(Module {
        package: package.to_owned(),
        file: file.into(),
    })
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_has_made_is_found() {
        let check = |line: &str, expected: Option<(&str, &str)>| {
            let found = of_line(line);
            let found = found
                .as_ref()
                .map(|module| (module.package.as_str(), module.file.to_str().unwrap()));
            assert_eq!(found, expected, "{line}");
        };
        check(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/acme#0.1.0","filenames":["/t/acme.wasm"]}"#,
            Some(("acme", "/t/acme.wasm")),
        );
        check(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/here#acme-cloud@0.1.0","filenames":["/t/acme_cloud.wasm"]}"#,
            Some(("acme-cloud", "/t/acme_cloud.wasm")),
        );
        check(
            r#"{"reason":"compiler-artifact","package_id":"registry+x#serde@1.0.0","filenames":["/t/libserde.rlib"]}"#,
            None,
        );
        check(r#"{"reason":"build-finished","success":true}"#, None);
        check("warning: something", None);
    }

    #[test]
    fn a_folder_without_sources_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let refused = build(folder.path()).unwrap_err();
        assert!(matches!(refused, Error::NoSources(_)), "{refused}");
        assert!(refused.hint().is_some());
        let gone = build(&folder.path().join("gone")).unwrap_err();
        assert!(gone.to_string().starts_with("cannot find "), "{gone}");
    }
}
