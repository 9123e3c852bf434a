//! A plugin's settings against its schema.

use std::path::Path;

use serde_json::json;
use slipway_manifest::{PluginKind, SettingsSchema, parse, render};

fn check(settings: &str, expected: &[&str]) {
    let text = format!(
        "[service]\nname = \"shop\"\n[artifacts.web]\nformat = \"tarball\"\nfrom = \"web.tar.gz\"\n{settings}\n"
    );
    let manifest = parse(Path::new("deploy.toml"), &text)
        .manifest
        .expect("the text around the settings is right");
    let schema = json!({
        "type": "object",
        "properties": {
            "command": { "type": "array", "items": { "type": "string" } },
            "instances": { "type": "integer", "minimum": 1 },
            "health": { "type": "object", "properties": { "http": { "type": "string" } }, "additionalProperties": false },
        },
        "required": ["command"],
        "additionalProperties": false,
    });
    let check = |kind| SettingsSchema::new(kind, "tarball", schema.clone()).check(&manifest);
    let found = check(PluginKind::Format);
    let shown = found.iter().map(|diagnostic| {
        let span = diagnostic.labels[0].span;
        let help = diagnostic
            .help
            .first()
            .map_or(String::new(), |help| format!(" ({help})"));
        format!(
            "{} @ {}{help}",
            diagnostic.message,
            text[span.start..span.end].lines().next().unwrap_or_default()
        )
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        expected,
        "{}",
        render(&found, |_| Some(&text), false)
    );
    assert!(check(PluginKind::Target).is_empty(), "no target is called so");
}

#[test]
fn settings() {
    check("command = [\"x\"]\ninstances = 2", &[]);
    check("command = [\"x\"]\ninstances = \"{{ replicas }}\"", &[]);
    check(
        "command = [\"x\"]\ninstanes = 2",
        &["the plugin `tarball` has no setting `instanes` @ instanes (did you mean `instances`?)"],
    );
    check(
        "command = [\"x\"]\nhealth = { htp = \"/\" }",
        &["the plugin `tarball` has no setting `htp` @ htp (did you mean `http`?)"],
    );
    check(
        "command = [1]",
        &["the plugin `tarball` refuses `command/0`: 1 is not of type \"string\" @ 1"],
    );
    check(
        "",
        &["the plugin `tarball` needs the setting `command` @ [artifacts.web]"],
    );
}

/// Strategies share checks, and environments strategies: what is wrong is said once.
#[test]
fn settings_of_checks() {
    let text = r#"
[service]
name = "shop"
[artifacts.web]
format = "tarball"
from = "web.tar.gz"
[strategy.careful]
type = "canary"
checks = ["quiet"]
analysis = ["alerts"]
[environments.stage]
target = { plugin = "alerts" }
strategy = "careful"
[environments.prod]
target = { plugin = "machine" }
strategy = "careful"
[check.quiet]
plugin = { name = "alerts", endpoint = "metrics", label = {} }
[analysis.alerts]
metrics = { plugin = { name = "alerts" }, max = 0 }
"#;
    let checked = parse(Path::new("deploy.toml"), text);
    let manifest = checked.manifest.expect("the text around the settings is right");
    let schema = json!({
        "type": "object",
        "properties": { "endpoint": { "type": "string" }, "labels": { "type": "object" } },
        "required": ["endpoint"],
        "additionalProperties": false,
    });
    let found = SettingsSchema::new(PluginKind::Check, "alerts", schema).check(&manifest);
    let messages: Vec<_> = found
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "the plugin `alerts` has no setting `label`",
            "the plugin `alerts` needs the setting `endpoint`"
        ]
    );
}
