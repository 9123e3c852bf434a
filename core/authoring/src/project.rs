//! A project for a new plugin: a template of its kind, with the guest kit beside it, so that it needs nothing of this
//! repository.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use slipway_plugin::Kind;

use crate::{Error, Result, sources};

/// Of a plugin: what a manifest calls it, and a package of Cargo as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

#[derive(Debug, Clone)]
pub struct Project {
    pub kind: Kind,
    pub name: Name,
}

const LONGEST: usize = 40;
/// Written `name` in texts.
const NAME: &str = "{name}";

impl Project {
    /// All its files: paths with `/`, and what they hold.
    pub fn files(&self) -> Vec<(String, String)> {
        let nothing: &[_] = &[];
        let (template, example, readme) = match self.kind {
            Kind::Format => (sources::FORMAT, nothing, include_str!("../texts/format.md")),
            Kind::Target => (
                sources::TARGET,
                sources::PLATFORM,
                include_str!("../texts/target.md"),
            ),
            Kind::Router => (sources::ROUTER, nothing, include_str!("../texts/router.md")),
            Kind::Check => (sources::CHECK, nothing, include_str!("../texts/check.md")),
        };
        let readme = format!("{readme}{}", include_str!("../texts/building.md"));
        let texts = [
            ("README.md", readme.as_str()),
            ("Cargo.toml", include_str!("../texts/project.toml")),
            // The versions that the plugins of Slipway are built with; cargo drops what is not needed.
            ("Cargo.lock", include_str!("../../../plugins/Cargo.lock")),
            (".gitignore", "/target/\n/*.wasm\n"),
            ("kit/Cargo.toml", include_str!("../texts/kit.toml")),
        ];
        let texts = texts.map(|(path, text)| (path.to_owned(), text.replace(NAME, &self.name.0)));
        let below = |folder: &'static str, files: &'static [(&str, &str)]| {
            files
                .iter()
                .map(move |(path, text)| (format!("{folder}/{path}"), (*text).to_owned()))
        };
        texts
            .into_iter()
            .chain(below("src", template))
            .chain(below("example", example))
            .chain(below("kit/src", sources::KIT))
            .collect()
    }

    /// Into a folder that is not there or empty. Answers the files.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if occupied || folder.is_file() {
            return Err(Error::Occupied(folder.to_owned()));
        }
        let mut written = Vec::new();
        for (path, text) in self.files() {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(Error::file("make", parent))?;
            }
            fs::write(&path, text).map_err(Error::file("write", &path))?;
            written.push(path);
        }
        Ok(written)
    }
}

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let made_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(made_of)
            && !text.ends_with('-')
            && text.len() <= LONGEST;
        match good {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "the name of a plugin is at most {LONGEST} lower-case letters, digits and inner hyphens, and begins with a letter"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

    const KINDS: [Kind; 4] = [Kind::Format, Kind::Target, Kind::Router, Kind::Check];

    fn project(kind: Kind) -> Project {
        Project {
            kind,
            name: "acme".parse().unwrap(),
        }
    }

    #[test]
    fn every_kind_is_whole() {
        for kind in KINDS {
            let files = project(kind).files();
            let text = |path: &str| {
                let found = files.iter().find(|(found, _)| found == path);
                &found.unwrap_or_else(|| panic!("{} has no {path}", kind.name())).1
            };
            let export = format!("slipway_sdk::export_{}!(", kind.name());
            let sources = files.iter().filter(|(path, _)| path.starts_with("src/"));
            assert_eq!(sources.filter(|(_, text)| text.contains(&export)).count(), 1);
            let schema = text("src/settings.schema.json");
            assert!(
                serde_json::from_str::<serde_json::Value>(schema).is_ok(),
                "{schema}"
            );
            assert!(text("README.md").starts_with("# acme\n"));
            assert_eq!(
                text("Cargo.toml").parse::<Table>().unwrap()["package"]["name"].as_str(),
                Some("acme")
            );
            assert!(files.iter().any(|(path, _)| path == "kit/src/lib.rs"));
            let own = |path: &str| path.ends_with(".md") || path.ends_with(".toml");
            let left = files.iter().find(|(path, text)| own(path) && text.contains(NAME));
            assert_eq!(left, None);
        }
    }

    /// So that what is tested here is what is given away.
    #[test]
    fn dependencies_are_those_of_the_plugins_of_slipway() {
        let table = |text: &str| text.parse::<Table>().unwrap();
        let ours = table(include_str!("../../../plugins/Cargo.toml"));
        let kit = table(include_str!("../../../sdk/rust/Cargo.toml"));
        let files = project(Kind::Target).files();
        let given = |path: &str| table(&files.iter().find(|(found, _)| found == path).unwrap().1);
        let (made, made_kit) = (given("Cargo.toml"), given("kit/Cargo.toml"));
        let names = |table: &Table| {
            let names = table["dependencies"].as_table().unwrap().keys();
            names.map(String::clone).collect::<Vec<_>>()
        };
        assert_eq!(names(&made_kit), names(&kit));
        for (name, dependency) in made_kit["dependencies"].as_table().unwrap() {
            assert_eq!(dependency, &ours["workspace"]["dependencies"][name], "{name}");
        }
        for (name, dependency) in made["dependencies"].as_table().unwrap() {
            if name != "slipway-sdk" {
                assert_eq!(dependency, &ours["workspace"]["dependencies"][name], "{name}");
            }
        }
        assert_eq!(made["profile"], ours["profile"]);
        for key in ["version", "edition", "rust-version"] {
            assert_eq!(
                made_kit["package"][key], ours["workspace"]["package"][key],
                "{key}"
            );
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let written = project(Kind::Check).write(folder.path()).unwrap();
        assert!(written.iter().all(|path| path.is_file()));
        let again = project(Kind::Check).write(folder.path());
        assert!(matches!(again, Err(Error::Occupied(_))), "{again:?}");
    }

    #[test]
    fn names() {
        for good in ["acme", "a", "acme-cloud-2"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "Acme",
            "2acme",
            "acme-",
            "-acme",
            "acme_cloud",
            "acme/cloud",
            "..",
            &"a".repeat(41),
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
