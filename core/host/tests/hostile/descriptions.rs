//! What a plugin says of itself, and is not.

use slipway_plugin::Kind;

use crate::{
    kit::Guest,
    table::{Row, describes_badly, not_load, says},
};

fn saying(tries: &str, name: &str, version: &str, summary: &str, expected: &str) -> Row {
    Row::new(tries, Guest::new().saying(name, version, summary), says(expected))
}

fn schema(tries: &str, schema: &str, expected: &str) -> Row {
    let expected = format!("its answer has no meaning: settings-schema: {expected}");
    Row::new(tries, Guest::new().schema(schema), describes_badly(expected))
}

/// Exports what these names say, and there is nothing in it.
fn exporting(tries: &str, names: &[&str], expected: &str) -> Row {
    let exports: String = names
        .iter()
        .map(|name| format!("(export \"{name}\" (instance 0))"))
        .collect();
    let component = format!("(component (instance) {exports})");
    Row::wasm(
        tries,
        move |_| wat::parse_str(&component).unwrap(),
        not_load(expected),
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let elsewhere =
        |reference: &str| format!("`{reference}` is elsewhere, and a schema refers to itself alone (`#...`)");
    let refers =
        |reference: &str| format!(r#"{{"properties":{{"a":{{"items":[{{"$ref":"{reference}"}}]}}}}}}"#);
    let long = "a".repeat(100_000);
    vec![
        saying(
            "the name of another plugin",
            "kubernetes",
            "1.0.0",
            "s",
            "kubernetes 1.0.0 s",
        ),
        saying(
            "a name that is a path",
            "../../etc",
            "1.0.0",
            "s",
            "../../etc 1.0.0 s",
        ),
        saying(
            "a name of many lines",
            "a\nb",
            "1.0.0",
            "s\n\nerror: x",
            "a b 1.0.0 s  error: x",
        ),
        saying(
            "a version that is none",
            "guest",
            "latest; rm -rf /",
            "s",
            "guest latest; rm -rf / s",
        ),
        saying(
            "a name, a version and a summary without end",
            &long,
            &long,
            &long,
            &format!("{} {} {}", &long[..100], &long[..100], &long[..500]),
        ),
        saying("nothing", "", "", "", "  "),
        schema("a schema that is no JSON", "{", "EOF while parsing…"),
        schema("no schema", "", "EOF while parsing…"),
        schema("a list for a schema", "[]", "a JSON Schema is an object"),
        schema("a number for a schema", "7", "a JSON Schema is an object"),
        schema("two schemas", "{}{}", "trailing characters…"),
        schema("a schema nested 100,000 deep", &"{\"not\":".repeat(100_000), "…"),
        schema(
            "a schema of 300,000 bytes",
            &format!("{{\"title\":\"{}\"}}", "a".repeat(300_000)),
            "300012 bytes, at most 256 KiB are taken",
        ),
        schema(
            "a schema that is elsewhere",
            &refers("https://example.com/schema.json"),
            &elsewhere("https://example.com/schema.json"),
        ),
        schema(
            "a schema that is a file",
            &refers("file:///etc/passwd"),
            &elsewhere("file:///etc/passwd"),
        ),
        schema(
            "a schema beside it",
            &refers("../other.json#/a"),
            &elsewhere("../other.json#/a"),
        ),
        exporting(
            "a target and a format at once",
            &["slipway:plugin/target@0.1.0", "slipway:plugin/format@0.1.0"],
            "it exports both `target` and `format`: a component is one plugin",
        ),
        exporting(
            "a target twice",
            &["slipway:plugin/target@0.1.0", "slipway:plugin/target@0.1.1"],
            "it exports both `target` and `target`: a component is one plugin",
        ),
        exporting(
            "a target of a later contract",
            &["slipway:plugin/target@0.2.0"],
            "it was built for contract 0.2.0; this slipway speaks 0.1.x: upgrade slipway",
        ),
        exporting(
            "a target of an endless version",
            &["slipway:plugin/target@0.1.99999999999999999999"],
            "it …",
        ),
        exporting(
            "a target without its verbs",
            &["slipway:plugin/target@0.1.0"],
            "instance export `slipway:plugin/target@0.1.0` does not have export `describe`",
        ),
        exporting(
            "no plugin at all",
            &["wasi:cli/run@0.2.0"],
            "it exports none of …",
        ),
        exporting(
            "a target of another spelling",
            &["slipway:plugins/target@0.1.0"],
            "it exports none of …",
        ),
        Row::new(
            "a check that says it is a target",
            Guest::of(Kind::Check).saying("target", "1", "s"),
            says(" "),
        ),
    ]
}
