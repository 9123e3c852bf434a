//! The plugins that a service can use: those that ship inside the program, and those that its manifest brings as files.
//!
//! A file gives a plugin what its kind may import, and of the operator's things only what the manifest grants by name.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use slipway_engine::project::Project;
use slipway_host::{Embedded, Host};
use slipway_manifest::{Grants, Plugin, Source};
use slipway_model::{Diagnostic, Digest, Span};
use slipway_plugin::{Kind, PluginError, Plugins as _};
use tokio::sync::Mutex;
use toml_edit::{Document, Item};

use crate::operator;

const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

/// Bytes that are read of a plugin's file. More than the host takes, which says so.
const LIMIT: u64 = 65 << 20;

/// What every WebAssembly file begins with.
const MAGIC: &[u8] = b"\0asm";

pub(crate) struct Shelf {
    built_in: Arc<Host>,
    /// By manifest, of those that bring plugins.
    brought: Mutex<HashMap<PathBuf, Arc<Host>>>,
}

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("`{0}` is not a file: plugins from registries and from the web are not supported yet")]
    Elsewhere(Source),
    #[error("the plugin `{path}` cannot be read: {error}")]
    Unreadable { path: String, error: io::Error },
    #[error("`{0}` is not WebAssembly, and a plugin is a component")]
    NotWasm(String),
    #[error("`{path}` has another digest than the one that is written here: {found}")]
    Digest { path: String, found: Digest },
    #[error(transparent)]
    Host(#[from] PluginError),
    #[error("the plugin asks for {0}, and is not granted it")]
    NotGranted(String),
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self {
            built_in: Arc::new(Host::default().with_embedded(EMBEDDED)),
            brought: Mutex::default(),
        }
    }

    pub(crate) fn built_in(&self) -> Arc<Host> {
        self.built_in.clone()
    }

    /// Those of one service, or what is wrong with them.
    pub(crate) async fn of(&self, project: &Project) -> Result<Arc<Host>, Vec<Diagnostic>> {
        if project.manifest.plugins.is_empty() {
            return Ok(self.built_in());
        }
        let mut brought = self.brought.lock().await;
        if let Some(host) = brought.get(&project.identity) {
            return Ok(host.clone());
        }
        let mut host = Host::default()
            .with_embedded(EMBEDDED)
            .with_cache(operator::home("XDG_CACHE_HOME", ".cache").join("slipway/plugins"));
        let mut refused = Vec::new();
        for (name, plugin) in &project.manifest.plugins {
            if let Err(refusal) = bring(&mut host, &project.root, name, plugin).await {
                refused.push(refusal.diagnostic(project, name));
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let host = Arc::new(host);
        brought.insert(project.identity.clone(), host.clone());
        Ok(host)
    }
}

async fn bring(host: &mut Host, root: &Path, name: &str, plugin: &Plugin) -> Result<(), Refusal> {
    let Source::Path { path } = &plugin.from else {
        return Err(Refusal::Elsewhere(plugin.from.clone()));
    };
    let bytes = read(&root.join(path)).map_err(|error| Refusal::Unreadable {
        path: path.clone(),
        error,
    })?;
    let found = Digest::of(&bytes);
    if plugin.digest.is_some_and(|wanted| wanted != found) {
        let path = path.clone();
        return Err(Refusal::Digest { path, found });
    }
    if !bytes.starts_with(MAGIC) {
        return Err(Refusal::NotWasm(path.clone()));
    }
    let needs = match host.add(name, bytes, None)?.kind {
        Kind::Format => Vec::new(),
        Kind::Target => host.target(name).await?.describe().needs.clone(),
        Kind::Router => host.router(name).await?.describe().needs.clone(),
    };
    match needs.into_iter().find(|need| !granted(&plugin.grants, need)) {
        None => Ok(()),
        Some(need) => Err(Refusal::NotGranted(need)),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Anything else may never end, or block for ever.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the manifest grants what a plugin asks for: `endpoint NAME` or `folder NAME`.
fn granted(grants: &Grants, need: &str) -> bool {
    let named = |names: &[String], name| names.iter().any(|granted| granted == name);
    match need.split_once(' ') {
        Some(("endpoint", name)) => named(&grants.http, name),
        // The files that a call is about are no grant of the operator's.
        Some(("folder", name)) => name == "deployment" || named(&grants.files, name),
        _ => false,
    }
}

impl Refusal {
    fn diagnostic(&self, project: &Project, name: &str) -> Diagnostic {
        let (code, key, label) = match self {
            Self::Elsewhere(_) => ("plugin-source", "from", "not a file"),
            Self::Unreadable { .. } => ("plugin-unreadable", "from", "cannot be read"),
            Self::Digest { .. } => ("plugin-digest", "digest", "not the digest of the file"),
            Self::NotWasm(_) | Self::Host(_) => ("plugin-refused", "from", "not a plugin that can be used"),
            Self::NotGranted(_) => ("plugin-not-granted", "grants", "does not name it"),
        };
        let diagnostic = Diagnostic::error(code, self.to_string()).label(
            &project.file,
            place(&project.text, name, key).unwrap_or_default(),
            label,
        );
        match self.help(name) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn help(&self, name: &str) -> Option<String> {
        match self {
            Self::Elsewhere(_) => Some(format!(
                "put the component beside deploy.toml and name it: `from = \"plugins/{name}.wasm\"`"
            )),
            Self::Unreadable { .. } => Some("the path is relative to the folder of deploy.toml".to_owned()),
            Self::Digest { .. } => Some("if the new bytes are meant, write their digest".to_owned()),
            Self::NotWasm(_) | Self::Host(_) => None,
            Self::NotGranted(need) => {
                let (kind, thing) = need.split_once(' ')?;
                let key = match kind {
                    "endpoint" => "http",
                    "folder" => "files",
                    _ => return None,
                };
                Some(format!(
                    "if it may have it: `grants = {{ {key} = [\"{thing}\"] }}`"
                ))
            }
        }
    }
}

/// Where a key of a plugin stands in the manifest; where the key is not written, the line that says what it is.
fn place(text: &str, name: &str, key: &str) -> Option<Span> {
    let document = Document::parse(text).ok()?;
    let plugin = document.get("plugins")?.get(name)?;
    let item = plugin.get(key).or_else(|| plugin.get("from"))?;
    Item::span(item).map(Span::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_granted_by_name() {
        let grants = Grants {
            http: vec!["api".to_owned()],
            exec: vec!["local".to_owned()],
            files: vec!["cache".to_owned()],
        };
        for (need, expected) in [
            ("endpoint api", true),
            ("endpoint agent", false),
            ("folder cache", true),
            ("folder deployment", true),
            ("folder api", false),
            ("host local", false),
            ("api", false),
            ("", false),
        ] {
            assert_eq!(granted(&grants, need), expected, "{need}");
        }
    }

    #[test]
    fn places_are_those_of_the_plugin() {
        let text = "[artifacts.other]\nfrom = \"a\"\n[plugins]\nx = { from = \"x.wasm\" }\n[plugins.other]\nfrom = \"b\"\n";
        let check = |name, key, expected: Option<&str>| {
            let found = place(text, name, key).map(|span| &text[span.start..span.end]);
            assert_eq!(found, expected, "{name} {key}");
        };
        check("other", "from", Some("\"b\""));
        check("other", "grants", Some("\"b\""));
        check("x", "from", Some("\"x.wasm\""));
        check("y", "from", None);
    }
}
