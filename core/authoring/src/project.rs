//! A project for a new plugin: a template of its kind and language, with the guest kit beside it, so that it needs nothing of
//! this repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

use slipway_plugin::Kind;

use crate::{Error, Language, Name, Result, languages::Template, sources};

#[derive(Debug, Clone)]
pub struct Project {
    pub kind: Kind,
    pub name: Name,
    pub language: Language,
}

impl Project {
    /// All its files: paths with `/`, and what they hold.
    pub fn files(&self) -> Vec<(String, String)> {
        let template = self.language.template(self.kind, &self.name);
        let readme = ("README.md".to_owned(), self.readme(&template));
        let example = match self.kind {
            Kind::Target => sources::PLATFORM,
            _ => &[],
        };
        let example = example
            .iter()
            .map(|(path, text)| (format!("example/{path}"), (*text).to_owned()));
        std::iter::once(readme)
            .chain(template.files)
            .chain(example)
            .collect()
    }

    fn readme(&self, template: &Template) -> String {
        let about = match self.kind {
            Kind::Format => include_str!("../texts/format.md"),
            Kind::Target => include_str!("../texts/target.md"),
            Kind::Router => include_str!("../texts/router.md"),
            Kind::Check => include_str!("../texts/check.md"),
        };
        let about = about
            .replace("{api}", template.api)
            .replace("{verbs}", template.verbs)
            .replace("{schema}", template.schema);
        self.name.put_into(&format!("{about}{}", template.building))
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

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

    const KINDS: [Kind; 4] = [Kind::Format, Kind::Target, Kind::Router, Kind::Check];

    fn project(language: Language, kind: Kind) -> Project {
        Project {
            kind,
            name: "acme".parse().unwrap(),
            language,
        }
    }

    #[test]
    fn every_kind_is_whole_in_every_language() {
        for (language, kind) in Language::ALL
            .into_iter()
            .flat_map(|it| KINDS.map(|kind| (it, kind)))
        {
            let files = project(language, kind).files();
            let text = |path: &str| {
                let found = files.iter().find(|(found, _)| found == path);
                &found
                    .unwrap_or_else(|| panic!("{language:?} {} has no {path}", kind.name()))
                    .1
            };
            let name = match language {
                Language::Go => "module example.com/acme\n",
                Language::Js => "\"name\": \"acme\"",
                Language::Rust | Language::Python => "name = \"acme\"",
            };
            assert!(text(language.marked_by()).contains(name));
            let template = language.template(kind, &"acme".parse().unwrap());
            let schema = text(template.schema);
            assert!(
                serde_json::from_str::<serde_json::Value>(schema).is_ok(),
                "{schema}"
            );
            assert!(text(template.verbs).len() > 100);
            let readme = text("README.md");
            assert!(readme.starts_with("# acme\n"));
            let (api, verbs) = (template.api, template.verbs);
            let spoken = matches!(kind, Kind::Target | Kind::Router);
            assert!(readme.contains(verbs) && readme.contains(template.schema));
            assert_eq!(!api.is_empty(), spoken);
            assert!(readme.contains(api));
            assert_eq!(
                files.iter().any(|(path, _)| path == "example/platform.py"),
                kind == Kind::Target
            );
            let own = |path: &str| {
                [".md", ".toml", ".json", ".mod"]
                    .iter()
                    .any(|end| path.ends_with(end))
            };
            let left = files
                .iter()
                .find(|(path, text)| own(path) && text.contains("{name}"));
            assert_eq!(left, None);
            let mut paths: Vec<_> = files.iter().map(|(path, _)| path).collect();
            paths.sort();
            paths.dedup();
            assert_eq!(paths.len(), files.len());
        }
    }

    /// So that what is tested here is what is given away.
    #[test]
    fn dependencies_are_those_of_the_plugins_of_slipway() {
        let table = |text: &str| text.parse::<Table>().unwrap();
        let ours = table(include_str!("../../../plugins/Cargo.toml"));
        let kit = table(include_str!("../../../sdk/rust/Cargo.toml"));
        let files = project(Language::Rust, Kind::Target).files();
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
        let written = project(Language::Go, Kind::Check).write(folder.path()).unwrap();
        assert!(written.iter().all(|path| path.is_file()));
        let again = project(Language::Go, Kind::Check).write(folder.path());
        assert!(matches!(again, Err(Error::Occupied(_))), "{again:?}");
    }
}
