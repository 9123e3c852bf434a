//! Who may import whom. Imports point downwards only; the engine and the host never meet but in the port between
//! them; a plugin sees the guest kit and nothing of the core.

use std::{collections::BTreeMap, path::Path};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// What each crate may import of our own.
const ALLOWED: [(&str, &[&str]); 21] = [
    ("model", &[]),
    ("archive", &["model", "registry"]),
    ("authoring", &["plugin"]),
    ("config", &["model"]),
    ("conformance", &["model", "plugin"]),
    ("journal", &["model"]),
    ("judge", &[]),
    ("manifest", &["model"]),
    ("plugin", &["model"]),
    ("registry", &["model"]),
    ("agent", &["model"]),
    ("host", &["model", "plugin"]),
    (
        "engine",
        &[
            "model", "plugin", "manifest", "config", "registry", "journal", "archive", "judge",
        ],
    ),
    ("report", &["model", "journal", "manifest", "archive", "engine"]),
    (
        "cli",
        &[
            "model",
            "plugin",
            "manifest",
            "config",
            "registry",
            "journal",
            "archive",
            "host",
            "engine",
            "agent",
            "report",
            "judge",
            "authoring",
            "conformance",
        ],
    ),
    ("servers", &[]),
    ("testing", &["model", "journal"]),
    // The engine over a world that is drawn from a seed.
    (
        "simulation",
        &["model", "plugin", "registry", "journal", "archive", "engine"],
    ),
    ("xtask", &["authoring"]),
    // The service that the demonstration deploys: a program like any other.
    ("shop", &[]),
    // End to end: the programs as users run them, what they leave behind, and faults; and plugins against real clusters.
    (
        "tests",
        &[
            "cli",
            "conformance",
            "testing",
            "servers",
            "agent",
            "archive",
            "authoring",
            "journal",
            "host",
            "plugin",
            "model",
        ],
    ),
];

/// Fakes, faults and the servers of tests are for tests alone.
const FOR_TESTS_ONLY: [&str; 2] = ["servers", "testing"];

/// Plugins that speak to a cluster of Kubernetes do it by a library of their own.
const OF_A_CLUSTER: [&str; 4] = [
    "target-kubernetes",
    "router-kubernetes-service",
    "router-gateway",
    "router-nginx",
];

#[test]
fn imports_point_downwards() {
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    for package in packages("Cargo.toml") {
        let name = own(&package.name).expect("a crate of the workspace is called slipway-...");
        let Some(allowed) = allowed.get(name) else {
            wrong.push(format!("{name} is not in the table: say what it may import"));
            continue;
        };
        for (dependency, kind) in edges(&package) {
            let for_tests =
                kind == DependencyKind::Development && FOR_TESTS_ONLY.contains(&dependency.as_str());
            if !for_tests && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{name} must not import {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_plugin_sees_the_guest_kit_alone() {
    let packages = packages("plugins/Cargo.toml");
    assert!(packages.len() > 1);
    for package in packages {
        let name = own(&package.name)
            .expect("a plugin is called slipway-...")
            .to_owned();
        let expected: &[&str] = match name.as_str() {
            "sdk" => &[],
            name if OF_A_CLUSTER.contains(&name) => &["kubernetes-api", "sdk"],
            _ => &["sdk"],
        };
        let found: Vec<_> = edges(&package)
            .into_iter()
            .map(|(dependency, _)| dependency)
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn the_table_names_crates_that_there_are() {
    let mut found: Vec<_> = packages("Cargo.toml")
        .iter()
        .filter_map(|package| own(&package.name).map(str::to_owned))
        .collect();
    let mut named: Vec<_> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    found.sort();
    named.sort();
    assert_eq!(found, named);
}

fn packages(manifest: &str) -> Vec<Package> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(manifest);
    let metadata = MetadataCommand::new()
        .manifest_path(path)
        .no_deps()
        .exec()
        .expect("cargo metadata answers");
    metadata.packages
}

fn edges(package: &Package) -> Vec<(String, DependencyKind)> {
    let ours = |name: &str| own(name).map(str::to_owned);
    package
        .dependencies
        .iter()
        .filter_map(|edge| Some((ours(&edge.name)?, edge.kind)))
        .collect()
}

fn own(name: &str) -> Option<&str> {
    name.strip_prefix("slipway-")
}
