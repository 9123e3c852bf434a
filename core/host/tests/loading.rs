//! What may be loaded at all, and how: kinds, contracts, grants, compiled code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::fs;

use kit::{Arg, Guest, text};
use serde_json::json;
use slipway_host::{Embedded, Grants, Host, precompile};
use slipway_model::Digest;
use slipway_plugin::{Kind, PluginError, Plugins};

fn logging() -> Guest {
    built_for("0.1.0")
}

fn built_for(contract: &'static str) -> Guest {
    Guest::new().version(contract).log("x").call("clock", "now", &[])
}

fn refusal(guest: &Guest, grants: Option<Grants>) -> String {
    Host::default()
        .add("guest", guest.module(), grants)
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_module_with_its_contract_is_all_that_an_author_needs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.wasm");
    fs::write(&path, logging().module()).unwrap();
    let mut host = Host::default();
    let info = host.add_path("mine", &path, None).unwrap();
    assert_eq!((info.kind, info.contract.as_str()), (Kind::Target, "0.1.0"));
    assert_eq!(info.imports, ["log", "clock"]);
    assert_eq!(host.list(), [info]);
    let target = host.target("mine").await.unwrap();
    assert_eq!(target.describe().name, "guest");
    assert_eq!(
        host.settings_schema(Kind::Target, "mine").await.unwrap(),
        json!({ "type": "object" })
    );
}

#[tokio::test]
async fn who_is_not_there_is_told_with_who_is() {
    let mut host = Host::default();
    host.add("one", logging().module(), None).unwrap();
    host.add("two", logging().module(), None).unwrap();
    let error = host.target("three").await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "there is no target plugin `three`; there are: one, two"
    );
    assert_eq!(
        host.router("one").await.err().unwrap().to_string(),
        "there is no router plugin `one`"
    );
}

#[test]
fn contracts_are_checked_before_anything_runs() {
    let newer = "plugin guest cannot be loaded: it was built for contract 0.2.0; this slipway speaks 0.1.x: upgrade slipway";
    assert_eq!(refusal(&built_for("0.2.0"), None), newer);
    let patched = Host::default()
        .add("guest", built_for("0.1.7").module(), None)
        .unwrap();
    assert_eq!(patched.contract, "0.1.7");
}

#[tokio::test]
async fn a_later_patch_of_the_contract_runs_if_it_wants_nothing_new() {
    let mut host = Host::default();
    host.add("guest", built_for("0.1.7").module(), None).unwrap();
    host.target("guest").await.unwrap();
}

#[test]
fn what_is_not_granted_is_not_linked() {
    let guest = logging().call(
        "exec",
        "run",
        &[
            text("local"),
            text("true"),
            kit::texts(&[]),
            kit::pairs(&[]),
            text(""),
            Arg::Int(0),
            Arg::Int(0),
        ],
    );
    assert_eq!(
        refusal(&guest, Some(Grants::only(["log", "clock"]))),
        "plugin guest cannot be loaded: it imports `slipway:plugin/exec@0.1.0`, and a target plugin is not granted `exec`"
    );
    Host::default().add("guest", guest.module(), None).unwrap();
    for capability in ["http", "exec", "clock", "state"] {
        assert!(!Grants::for_kind(Kind::Format).allow(capability), "{capability}");
    }
}

#[tokio::test]
async fn describing_has_no_effects() {
    let mut host = Host::default();
    host.add(
        "guest",
        Guest::new().describing("clock", "now", &[]).module(),
        None,
    )
    .unwrap();
    let error = host.target("guest").await.err().unwrap().to_string();
    let expected = "plugin guest broke in describe: describe must have no effects, and called clock.now";
    assert!(error.starts_with(expected), "{error}");
    host.add(
        "guest",
        Guest::new()
            .describing("log", "emit", &[Arg::Int(0), text("hello")])
            .module(),
        None,
    )
    .unwrap();
    host.target("guest").await.unwrap();
}

#[tokio::test]
async fn a_schema_that_is_none_is_told() {
    let mut host = Host::default();
    host.add("guest", Guest::new().schema("{").module(), None)
        .unwrap();
    let error = host.target("guest").await.err().unwrap();
    assert!(matches!(&error, PluginError::Broke { .. }), "{error}");
    assert!(
        error.to_string().contains("settings-schema: EOF while parsing"),
        "{error}"
    );
}

#[test]
fn no_wasm_is_no_plugin() {
    for (bytes, expected) in [
        (b"#!/bin/sh\n".to_vec(), "it is not a WebAssembly component"),
        (
            wat::parse_str("(module)").unwrap(),
            "it is a core module without a contract in it",
        ),
        (
            wat::parse_str("(component)").unwrap(),
            "it exports none of `slipway:plugin/format`",
        ),
    ] {
        let error = Host::default().add("guest", bytes, None).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("plugin guest cannot be loaded: {expected}")),
            "{error}"
        );
    }
    let error = Host::default()
        .add_path("guest", "/nowhere/at/all.wasm".as_ref(), None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("/nowhere/at/all.wasm: No such file"), "{error}");
}

#[tokio::test]
async fn an_embedded_plugin_needs_no_compiler_and_survives_without_its_compiled_form() {
    // A component, as it is embedded: made of the module by adding it once.
    let folder = tempfile::tempdir().unwrap();
    let mut component = wit_component::ComponentEncoder::default();
    let component = component.module(&logging().module()).unwrap().encode().unwrap();
    let compiled = precompile(&component).unwrap();
    let leak = |bytes: Vec<u8>| -> &'static [u8] { Box::leak(bytes.into_boxed_slice()) };
    let component = leak(component);
    for precompiled in [leak(compiled.clone()), &[], b"of another engine"] {
        let embedded = Embedded {
            kind: Kind::Target,
            name: "guest",
            component,
            precompiled,
        };
        let host = Host::default()
            .with_embedded(&[embedded])
            .with_cache(folder.path().join("cache"));
        assert_eq!(host.list()[0].digest, Digest::of(component));
        host.target("guest").await.unwrap();
    }
    // Only the two without a compiled form needed the cache, and they share it.
    assert_eq!(fs::read_dir(folder.path().join("cache")).unwrap().count(), 1);

    let embedded = Embedded {
        kind: Kind::Router,
        name: "guest",
        component,
        precompiled: &[],
    };
    let error = Host::default()
        .with_embedded(&[embedded])
        .router("guest")
        .await
        .err()
        .unwrap()
        .to_string();
    assert_eq!(
        error,
        "plugin guest cannot be loaded: it is a target and not a router"
    );
}
