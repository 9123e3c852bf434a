//! Every file of the corpus, through one helper: valid ones say nothing, invalid ones say what is expected.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of any `#[test]`")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use slipway_manifest::{Checked, codes, has_errors, json_schema, parse, render};

#[test]
fn valid_files_say_nothing() {
    let files = files("valid");
    assert!(files.len() >= 25, "{} valid files", files.len());
    for (name, text) in files {
        let checked = check(&name, &text);
        assert!(checked.diagnostics.is_empty(), "{}", shown(&checked, &text));
        let manifest = checked.manifest.unwrap();
        let json = serde_json::to_value(&manifest).unwrap();
        let back: slipway_manifest::Manifest = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(
            serde_json::to_value(back).unwrap(),
            json,
            "{name} does not survive JSON"
        );
    }
}

#[test]
fn invalid_files_say_what_is_wrong() {
    let files = files("invalid");
    assert!(files.len() >= 60, "{} invalid files", files.len());
    for (name, text) in files {
        assert!(text.starts_with("# "), "{name} does not begin with what is wrong");
        let checked = check(&name, &text);
        assert!(!checked.diagnostics.is_empty(), "{name} is found to be right");
        assert_eq!(
            checked.manifest.is_none(),
            has_errors(&checked.diagnostics),
            "{name}"
        );
        insta::assert_snapshot!(name.strip_suffix(".toml").unwrap(), shown(&checked, &text));
    }
}

#[test]
fn every_code_occurs() {
    let files = files("invalid").into_iter();
    let found: BTreeSet<String> = files
        .flat_map(|(name, text)| check(&name, &text).diagnostics)
        .map(|diagnostic| diagnostic.code)
        .collect();
    // A megabyte is no test data, and a plugin's schema is no part of the corpus: these have tests of their own.
    let elsewhere = ["too-large", "invalid-setting"];
    for (code, _) in codes() {
        assert!(
            found.contains(code) || elsewhere.contains(&code),
            "no file of the corpus shows `{code}`"
        );
    }
}

#[test]
fn normal_forms() {
    for (name, text) in files("valid")
        .into_iter()
        .filter(|(name, _)| ["tiny.toml", "shop.toml"].contains(&name.as_str()))
    {
        let manifest = check(&name, &text).manifest.unwrap();
        insta::assert_snapshot!(
            format!("normal-{name}"),
            serde_json::to_string_pretty(&manifest).unwrap()
        );
    }
}

#[test]
fn the_schema_takes_valid_files() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    for (name, text) in files("valid") {
        let value: toml::Value = toml::from_str(&text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        let errors = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect::<Vec<_>>();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let checked = parse(
        Path::new("deploy.toml"),
        &"#".repeat(slipway_manifest::SIZE_LIMIT + 1),
    );
    assert_eq!(checked.diagnostics[0].code, "too-large");
}

fn check(name: &str, text: &str) -> Checked {
    parse(Path::new(name), text)
}

fn shown(checked: &Checked, text: &str) -> String {
    render(&checked.diagnostics, |_| Some(text), false)
}

fn files(kind: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../manifests")
        .join(kind);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}
