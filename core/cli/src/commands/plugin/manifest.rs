//! The plugins that a manifest brings, changed in its text: what people wrote stays as they wrote it.

use std::{fs, io::Write as _, path::PathBuf};

use slipway_engine::project::Project;
use slipway_model::Severity;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::{
    error::{CommandError, Problems},
    plugins::Grant,
};

pub(super) struct Text {
    file: PathBuf,
    document: DocumentMut,
}

impl Text {
    pub(super) fn of(project: &Project) -> Result<Self, CommandError> {
        let document = project.text.parse();
        let document =
            document.map_err(|error| CommandError::failed(format!("{}: {error}", project.file.display())))?;
        Ok(Self {
            file: project.file.clone(),
            document,
        })
    }

    /// At the end, as a table of its own.
    pub(super) fn add(&mut self, name: &str, from: &str) {
        let plugins = self.document.entry("plugins").or_insert_with(implicit);
        let mut plugin = Table::new();
        plugin.insert("from", value(from));
        if let Some(plugins) = plugins.as_table_like_mut() {
            plugins.insert(name, Item::Table(plugin));
        }
    }

    /// More than it is granted already.
    pub(super) fn grant(&mut self, name: &str, grants: &[Grant]) {
        let Some(plugin) = self.plugin(name) else { return };
        let kept = plugin
            .entry("grants")
            .or_insert(Item::Value(InlineTable::new().into()));
        let Some(kept) = kept.as_table_like_mut() else {
            return;
        };
        for grant in grants {
            let (key, name) = grant.place();
            match name {
                None => drop(kept.insert(key, value(true))),
                Some(name) => {
                    let names = kept.entry(key).or_insert(value(Array::new()));
                    if let Some(names) = names.as_array_mut() {
                        names.push(name);
                    }
                }
            }
        }
        if let Some(Value::InlineTable(inline)) = plugin.get_mut("grants").and_then(Item::as_value_mut) {
            inline.fmt();
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        let Some(plugins) = self.document.get_mut("plugins").and_then(Item::as_table_like_mut) else {
            return;
        };
        plugins.remove(name);
        if plugins.is_empty() {
            self.document.remove("plugins");
        }
    }

    /// What is wrong with it as it is now.
    pub(super) fn check(&self) -> Result<(), CommandError> {
        let text = self.document.to_string();
        let mut parsed = slipway_manifest::parse(&self.file, &text);
        parsed.diagnostics.retain(|one| one.severity == Severity::Error);
        match parsed.diagnostics.is_empty() {
            true => Ok(()),
            false => Err(Problems::new(parsed.diagnostics, [(self.file.clone(), text)]).into()),
        }
    }

    /// As a whole, or as it was.
    pub(super) fn write(&self) -> Result<(), CommandError> {
        self.check()?;
        let failed = |error: &dyn std::fmt::Display| {
            CommandError::failed(format!("cannot write {}: {error}", self.file.display()))
        };
        let unfinished = self
            .file
            .with_extension(format!("{}.unfinished", std::process::id()));
        let written = fs::File::create(&unfinished).and_then(|mut file| {
            file.write_all(self.document.to_string().as_bytes())?;
            file.set_permissions(fs::metadata(&self.file)?.permissions())?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(&unfinished, &self.file))
            .map_err(|error| failed(&error))
    }

    fn plugin(&mut self, name: &str) -> Option<&mut dyn TableLike> {
        self.document
            .get_mut("plugins")?
            .get_mut(name)?
            .as_table_like_mut()
    }
}

fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, change: impl FnOnce(&mut Text), expected: &str) {
        let mut text = Text {
            file: PathBuf::new(),
            document: before.parse().unwrap(),
        };
        change(&mut text);
        assert_eq!(text.document.to_string(), expected);
    }

    fn endpoint(name: &str) -> Grant {
        Grant::Endpoint(name.to_owned())
    }

    #[test]
    fn what_people_wrote_stays_as_it_is() {
        let before = "[service] # ours\nname = \"shop\"\n\n[plugins.b]\nfrom = 'b.wasm' # old\n";
        check(
            before,
            |text| text.add("acme", "a.wasm"),
            &format!("{before}\n[plugins.acme]\nfrom = \"a.wasm\"\n"),
        );
        check(
            "[service]\nname = \"shop\"\n",
            |text| text.add("acme", "a.wasm"),
            "[service]\nname = \"shop\"\n\n[plugins.acme]\nfrom = \"a.wasm\"\n",
        );
        check(
            before,
            |text| text.remove("b"),
            "[service] # ours\nname = \"shop\"\n",
        );
    }

    #[test]
    fn grants_are_added_to_those_that_are_there() {
        let all = [endpoint("api"), Grant::Folder("own".to_owned()), Grant::Cluster];
        check(
            "[plugins.a]\nfrom = \"a.wasm\"\n",
            |text| text.grant("a", &all),
            "[plugins.a]\nfrom = \"a.wasm\"\ngrants = { http = [\"api\"], files = [\"own\"], cluster = true }\n",
        );
        check(
            "[plugins]\na = { from = \"a.wasm\", grants = { http = [\"api\"] } }\n",
            |text| text.grant("a", &[endpoint("more")]),
            "[plugins]\na = { from = \"a.wasm\", grants = { http = [\"api\", \"more\"] } }\n",
        );
        check(
            "[plugins.a]\nfrom = \"a.wasm\"\n[plugins.a.grants]\nhttp = [\"api\"] # for prod\n",
            |text| text.grant("a", &[endpoint("more")]),
            "[plugins.a]\nfrom = \"a.wasm\"\n[plugins.a.grants]\nhttp = [\"api\", \"more\"] # for prod\n",
        );
    }
}
