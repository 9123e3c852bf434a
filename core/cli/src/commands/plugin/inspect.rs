//! `slipway plugin inspect`.

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;
use serde_json::{Value, json};
use slipway_plugin::{Name, Need, Profile};
use slipway_report::table;

use super::{
    described::{Described, starred},
    meant::meant,
};
use crate::{commands::Done, context::Context};

/// What each capability is to whoever lets a plugin have it.
const CAPABILITIES: [(&str, &str); 10] = [
    ("log", "write lines into the log of the run"),
    ("progress", "say how far a call is"),
    (
        "files",
        "read and write the folders of a call, and those that it is granted",
    ),
    ("blobs", "read and unpack the artifacts of a call"),
    ("http", "send requests to endpoints that it is granted"),
    ("exec", "run programs on hosts that it is granted"),
    ("registry", "read from the registries of the manifest"),
    ("clock", "ask for the time, and wait"),
    ("state", "keep a small document of its own for each environment"),
    (
        "lookup",
        "look up objects of a cluster that the operator lets it look up",
    ),
];

/// Look at one plugin: what it can do, what it asks for, what can be set
///
/// The plugin is only asked to describe itself, in its sandbox: it reaches nothing. What it could do besides its work is
/// listed, and everything that it could reach stands under "asks for": nothing else is there for it.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A WebAssembly file, or the name of a plugin that is there
    #[arg(value_name = "FILE|NAME")]
    plugin: PathBuf,
}

impl Inspect {
    pub(super) async fn run(self, context: &Context) -> Done {
        let (stock, meant) = meant(context, &self.plugin, "no file").await?;
        let is_file = self.plugin.is_file();
        let mut found = Vec::new();
        for info in meant {
            let mut described = Described::of(&stock, info).await?;
            if is_file {
                described.from = Some(self.plugin.display().to_string());
                // Nobody has granted it anything yet.
                described.granted.clear();
            }
            found.push(described);
        }
        context.ui.answer(&json!({ "plugins": found }), || {
            let shown: Vec<_> = found.iter().map(shown).collect();
            shown.join("\n")
        });
        Ok(())
    }
}

pub(super) fn shown(plugin: &Described) -> String {
    let mut text = format!(
        "{} {} {}: {}\n",
        plugin.kind.name(),
        plugin.name,
        plugin.version,
        plugin.summary
    );
    let can = plugin.imports.iter().map(|import| {
        let known = CAPABILITIES.iter().find(|(name, _)| name == import);
        known.map_or(import.as_str(), |(_, words)| words).to_owned()
    });
    let nothing = plugin.needs.is_empty().then(|| "nothing".to_owned());
    let asks = plugin.needs.iter().map(words).chain(nothing);
    let from = plugin.from.as_deref().unwrap_or("built in");
    let mut facts = vec![
        ("from", from.to_owned()),
        ("digest", plugin.digest.to_string()),
        ("size", format!("{} KiB", plugin.size.div_ceil(1024))),
        ("contract", plugin.contract.clone()),
        ("profile", profile(plugin.profile).to_owned()),
    ];
    facts.extend(titled("workloads", plugin.workloads.iter().cloned()));
    facts.extend(titled("can", can));
    facts.extend(titled("asks for", asks));
    for (title, fact) in facts {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {title:<9}  {fact}");
    }
    let settings = settings(&plugin.settings);
    match settings.is_empty() {
        true => text.push_str("\nIt has no settings.\n"),
        false => {
            let settings = table(&["SETTING", "IS", "ABOUT"], &settings);
            let _ = write!(text, "\n{settings}");
        }
    }
    text
}

fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Strict => "strict: there is nothing for it but what stands under `can`",
        Profile::Script => {
            "script: and an interpreter's WASI, without arguments, environment, folders, network, time and chance"
        }
        Profile::Native => {
            "native: a process of its own, without environment, files, network and other processes, confined by the kernel"
        }
    }
}

/// The title stands before the first.
fn titled(
    title: &'static str,
    facts: impl Iterator<Item = String>,
) -> impl Iterator<Item = (&'static str, String)> {
    facts
        .enumerate()
        .map(move |(place, fact)| (if place == 0 { title } else { "" }, fact))
}

/// What it asks for, and how it is granted.
fn words(need: &Need) -> String {
    let one = |what: &str, key: &str, name: &Name| match name {
        Name::Is(name) => format!("{what} {name}: `grants = {{ {key} = [{name:?}] }}`"),
        Name::Of(setting) => {
            format!("the {what} that its setting `{setting}` names: `grants = {{ {key} = [..] }}`")
        }
    };
    match need {
        Need::Endpoint(name) => one("endpoint", "http", name),
        Need::Host(name) => one("host", "exec", name),
        Need::Folder(name) => format!("folder {name}: `grants = {{ files = [{name:?}] }}`"),
        Need::Cluster(setting) => {
            format!(
                "the Kubernetes cluster that its setting `{setting}` names: `grants = {{ cluster = true }}`"
            )
        }
    }
}

/// The top of the schema, as people read it.
fn settings(schema: &Value) -> Vec<Vec<String>> {
    starred(schema)
        .map(|(name, setting)| {
            let about = setting["description"].as_str().unwrap_or_default();
            let first = about.split_inclusive(". ").next().unwrap_or_default();
            vec![name, kind(setting), first.trim().to_owned()]
        })
        .collect()
}

fn kind(setting: &Value) -> String {
    if let Some(values) = setting["enum"].as_array() {
        let values: Vec<_> = values.iter().map(Value::to_string).collect();
        return values.join(" | ");
    }
    match (&setting["type"], setting["$ref"].as_str()) {
        (Value::String(kind), _) => kind.clone(),
        (Value::Array(kinds), _) => {
            let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" | ")
        }
        (_, Some(reference)) => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => "any".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use slipway_host::Grants;
    use slipway_plugin::Kind;

    use super::*;

    #[test]
    fn what_is_asked_for_says_how_it_is_granted() {
        let check = |need: &str, expected: &str| assert_eq!(words(&need.parse().unwrap()), expected);
        check("endpoint api", "endpoint api: `grants = { http = [\"api\"] }`");
        check(
            "host of hosts",
            "the host that its setting `hosts` names: `grants = { exec = [..] }`",
        );
        check("folder own", "folder own: `grants = { files = [\"own\"] }`");
    }

    #[test]
    fn there_are_words_for_every_capability() {
        let named = Grants::only(CAPABILITIES.map(|(name, _)| name));
        assert_eq!(named, Grants::for_kind(Kind::Target));
    }

    #[test]
    fn settings_are_told_by_their_schema() {
        let schema = json!({
            "required": ["size"],
            "properties": {
                "size": { "type": "integer", "description": "How large. More is slower." },
                "mode": { "enum": ["fast", "safe"] },
                "wait": { "$ref": "#/$defs/duration" },
                "value": { "type": ["string", "number"] },
                "free": {},
            },
        });
        let told: Vec<_> = settings(&schema).iter().map(|row| row.join(" / ")).collect();
        let expected = [
            "size* / integer / How large.",
            "mode / \"fast\" | \"safe\" / ",
            "wait / duration / ",
            "value / string | number / ",
            "free / any / ",
        ];
        assert_eq!(told, expected);
    }
}
