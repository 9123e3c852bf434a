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
