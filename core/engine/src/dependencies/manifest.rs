//! The `deploy.toml` of a laid-out package: what the service is made of as the package says it, where it runs and how it
//! goes out as the manifest says that depends on it.
//!
//! Tables that people wrote are taken over as they wrote them, so that what is checked, planned and shown is theirs.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;
use slipway_manifest::{Registry, Source};
use slipway_model::Digest;
use toml::{Table, Value};

use crate::{Failed, package::Package, project::Project};

/// Where the folder of a laid-out package is: this many folders below the one of the service that needs it.
pub(super) const BELOW: &str = "../../../";

/// The keys of an environment that hold for its dependencies too.
const SHARED: [&str; 7] = [
    "after",
    "keep",
    "approve",
    "window",
    "freeze",
    "batch",
    "max-failures",
];
/// The keys that a dependency may have of its own.
const OWN: [&str; 4] = ["values", "strategy", "target", "router"];

/// `name` is what the project's manifest calls the package, if it names it at all.
pub(super) fn manifest(
    project: &Project,
    (package, digest): (&Package, Digest),
    name: Option<&str>,
) -> Result<String, Failed> {
    let written: Table = toml::from_str(&project.text).map_err(Failed::from_error)?;
    let decided = Decided::of(&written, name);
    let brought = decided.plugins(package);
    let plugins = used(&written, "plugins", &brought);
    let registries = project
        .manifest
        .plugins
        .iter()
        .filter(|(name, _)| brought.contains(*name));
    let mut text = format!(
        "# Written by slipway: package {digest}, for {}, which decides where and how it runs.\n",
        project.manifest.service.name
    );
    let mut service = Table::new();
    service.insert("name".to_owned(), package.service.as_str().into());
    service.insert("version".to_owned(), package.version.as_str().into());
    let sections = [
        ("service", service),
        (
            "registries",
            registries_of(project, registries.map(|(_, plugin)| &plugin.from)),
        ),
        ("plugins", moved(project, plugins)),
        ("artifacts", artifacts(package)?),
        ("parameters", plain(&package.parameters)?),
        ("environments", decided.environments),
        ("strategy", decided.strategies),
        ("check", decided.checks),
        ("analysis", decided.analyses),
    ];
    for (name, table) in sections.into_iter().filter(|(_, table)| !table.is_empty()) {
        let section = Table::from_iter([(name.to_owned(), Value::Table(table))]);
        text.push('\n');
        text.push_str(&toml::to_string(&section).map_err(Failed::from_error)?);
    }
    Ok(text)
}

/// The plugins that the package's service is released, run, routed or judged by.
pub(super) fn plugins_of(
    project: &Project,
    package: &Package,
    name: Option<&str>,
) -> Result<BTreeSet<String>, Failed> {
    let written: Table = toml::from_str(&project.text).map_err(Failed::from_error)?;
    Ok(Decided::of(&written, name).plugins(package))
}

/// What the project's manifest decides for a package.
struct Decided {
    environments: Table,
    strategies: Table,
    checks: Table,
    analyses: Table,
}

impl Decided {
    fn of(written: &Table, name: Option<&str>) -> Self {
        let environments = environments(written, name);
        let strategies = used(written, "strategy", &named(&environments, &["strategy"]));
        Self {
            checks: used(written, "check", &named(&strategies, &["checks"])),
            analyses: used(written, "analysis", &named(&strategies, &["analysis"])),
            environments,
            strategies,
        }
    }

    fn plugins(&self, package: &Package) -> BTreeSet<String> {
        let formats = package.artifacts.values().map(|artifact| artifact.format.clone());
        let bindings = self
            .environments
            .values()
            .flat_map(|environment| [environment.get("target"), environment.get("router")]);
        let bound = bindings.filter_map(|binding| binding?.get("plugin")?.as_str());
        let checks = self.checks.values().map(|check| check.get("plugin"));
        let metrics = self
            .analyses
            .values()
            .map(|analysis| analysis.get("metrics")?.get("plugin"));
        let asked = checks
            .chain(metrics)
            .filter_map(|plugin| plugin?.get("name")?.as_str());
        formats.chain(bound.chain(asked).map(str::to_owned)).collect()
    }
}

/// The tables of those names.
fn used(written: &Table, table: &str, names: &BTreeSet<String>) -> Table {
    let tables = written.get(table).and_then(Value::as_table).into_iter().flatten();
    tables
        .filter(|(name, _)| names.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Every environment of the manifest, as the package's service has it.
fn environments(written: &Table, name: Option<&str>) -> Table {
    let all = written.get("environments").and_then(Value::as_table);
    let placed = |(environment, value): (&String, &Value)| {
        let value = value.as_table()?;
        let own = name.and_then(|name| value.get("dependencies")?.get(name)?.as_table());
        let mut table = Table::new();
        for key in OWN {
            let inherited = || value.get(key).filter(|_| key == "target");
            if let Some(found) = own.and_then(|own| own.get(key)).or_else(inherited) {
                table.insert(key.to_owned(), found.clone());
            }
        }
        let shared = SHARED
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), value.get(*key)?.clone())));
        table.extend(shared);
        if let Some(clusters) = value.get("clusters").and_then(Value::as_table) {
            let inherits = own.is_none_or(|own| !own.contains_key("target"));
            table.insert("clusters".to_owned(), in_clusters(clusters, inherits).into());
        }
        Some((environment.clone(), Value::Table(table)))
    };
    all.into_iter().flatten().filter_map(placed).collect()
}

/// The same clusters; what is different in them of the target holds for whoever runs on it too.
fn in_clusters(clusters: &Table, inherits: bool) -> Table {
    let of_one = |(name, cluster): (&String, &Value)| {
        let target = cluster.get("target").filter(|_| inherits);
        let different = target.map(|target| ("target".to_owned(), target.clone()));
        (name.clone(), Value::Table(different.into_iter().collect()))
    };
    clusters.iter().map(of_one).collect()
}

/// The names that tables have under some keys, one or several each.
fn named(tables: &Table, keys: &[&str]) -> BTreeSet<String> {
    let values = tables
        .values()
        .flat_map(|table| keys.iter().filter_map(|key| table.get(*key)));
    let texts = values.flat_map(|value| match value {
        Value::Array(several) => several.iter().collect(),
        one => vec![one],
    });
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// From the working copies: the bytes are there, by digest.
fn artifacts(package: &Package) -> Result<Table, Failed> {
    let artifact = |(name, artifact): (&String, &crate::package::PackagedArtifact)| {
        let mut table = Table::new();
        table.insert("format".to_owned(), artifact.format.as_str().into());
        let from = format!(".slipway/registry/blobs/sha256/{}", artifact.blob.digest.hex());
        table.insert("from".to_owned(), from.into());
        table.extend(plain(&artifact.settings)?);
        Ok((name.clone(), Value::Table(table)))
    };
    package.artifacts.iter().map(artifact).collect()
}

/// Plugins that are files beside the manifest are files beside the laid-out one too.
fn moved(project: &Project, mut plugins: Table) -> Table {
    for (name, plugin) in &mut plugins {
        let path = matches!(
            project.manifest.plugins.get(name).map(|plugin| &plugin.from),
            Some(Source::Path { .. })
        );
        if let (true, Some(table)) = (path, plugin.as_table_mut()) {
            table.insert("from".to_owned(), plugin_file(name).into());
        }
    }
    plugins
}

/// Where a plugin's bytes stand in the folder.
pub(super) fn plugin_file(name: &str) -> String {
    format!("plugins/{name}.wasm")
}

fn registries_of<'s>(project: &Project, sources: impl Iterator<Item = &'s Source>) -> Table {
    let named = sources.filter_map(|source| match source {
        Source::Registry { registry, .. } => Some(registry),
        Source::Path { .. } | Source::Https { .. } => None,
    });
    let opened = named.filter_map(|name| {
        let registry = project.manifest.registries.get(name)?;
        let place = match registry {
            Registry::Layout(folder) if !folder.starts_with('/') => format!("{BELOW}{folder}"),
            Registry::Layout(place) | Registry::Oci(place) => place.clone(),
        };
        Some((name.clone(), Value::String(place)))
    });
    opened.collect()
}

/// The same in TOML, which has no null.
fn plain(value: &impl Serialize) -> Result<Table, Failed> {
    fn without_null(value: Json) -> Json {
        match value {
            Json::Object(map) => map
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_null(value)))
                .collect(),
            Json::Array(list) => list.into_iter().map(without_null).collect(),
            other => other,
        }
    }
    let value = serde_json::to_value(value).map_err(Failed::from_error)?;
    Table::try_from(without_null(value)).map_err(Failed::from_error)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use insta::assert_snapshot;
    use slipway_manifest::parse;

    use super::*;

    const SHOP: &str = r#"
[service]
name = "shop"
[registries]
team = "oci://registry.example/team"
plugins = "../plugins"
[dependencies]
database = "team:database:7.0"
[parameters]
replicas = { type = "integer", default = 2 }
[environments.stage]
target = { plugin = "machine" }
router = { plugin = "embedded" }
values = { replicas = 3 }
[environments.prod]
after = "stage"
approve = true
window = { days = "mon-thu", from = "09:00", to = "16:00", zone = "Europe/Berlin" }
target = { plugin = "machine" }
[environments.prod.dependencies.database]
values = { max-memory = "2GiB" }
strategy = "careful"
target = { plugin = "acme", zone = "a" }
[strategy.careful]
type = "rolling"
checks = ["port", "quiet"]
[strategy.other]
type = "recreate"
[check.port]
tcp = { port = "db" }
[check.quiet]
plugin = { name = "acme-alerts", of = "db" }
[check.other]
tcp = { port = "web" }
[plugins.acme]
from = "plugins:acme:1"
[plugins.acme-alerts]
from = "plugins:alerts:1"
[plugins.beside]
from = "beside.wasm"
"#;

    fn package(format: &str) -> Package {
        let text = format!(
            r#"{{ "v": 1, "service": "database", "version": "7.0",
            "artifacts": {{ "redis": {{ "format": "{format}", "blob": {{ "mediaType": "a/b", "digest": "{}", "size": 1 }},
                "settings": {{ "command": ["redis", "--port", "${{port.db}}"], "ports": {{ "db": {{ "number": 6390 }} }} }},
                "facts": null, "summary": "" }} }},
            "parameters": {{ "max-memory": {{ "type": "bytes", "default": 1, "required": false }},
                "names": {{ "type": "list", "items": {{ "type": "string" }}, "required": true, "help": "who" }} }},
            "config": [], "assembled": [], "dependencies": {{}} }}"#,
            Digest::of(b"redis")
        );
        serde_json::from_str(&text).unwrap()
    }

    fn check(package: &Package, name: Option<&str>) -> String {
        let checked = parse(Path::new("deploy.toml"), SHOP);
        let project = Project {
            manifest: checked.manifest.unwrap(),
            root: PathBuf::new(),
            file: "deploy.toml".into(),
            identity: "deploy.toml".into(),
            text: SHOP.to_owned(),
            decided: None,
        };
        let text = manifest(&project, (package, Digest::of(b"package")), name).unwrap();
        let again = parse(Path::new("deploy.toml"), &text);
        assert!(again.diagnostics.is_empty(), "{:#?}\n{text}", again.diagnostics);
        assert_eq!(again.manifest.unwrap().parameters, package.parameters);
        text
    }

    #[test]
    fn what_the_service_decides_for_it() {
        assert_snapshot!(check(&package("tarball"), Some("database")));
    }

    #[test]
    fn nothing_decided_and_a_plugin_from_a_file() {
        assert_snapshot!(check(&package("beside"), None));
    }
}
