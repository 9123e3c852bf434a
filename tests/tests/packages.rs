//! A service that depends on another team's package: fetched from a registry, laid out, and deployed like any other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::fs;

use serde_json::Value;
use slipway_tests::Bench;

const DATABASE: &str = "shop/.slipway/dependencies/database";

/// Nobody waits in here for what only time shows.
const QUICK: &str = "\n[strategy.quick]\ntype = \"recreate\"\nchecks = [\"alive\"]\nsoak = \"0s\"\nmin-healthy-time = \"0s\"\n\
    \n[strategy.in-place]\ntype = \"recreate\"\nchecks = [\"port\"]\nsoak = \"0s\"\nmin-healthy-time = \"0s\"\n\
    \n[check.port]\ntcp = { port = \"db\" }\n";

/// The database, published as a package into `team`, and the shop that depends on it there.
fn published(team: &str) -> Bench {
    let bench = Bench::shop();
    bench.edit(
        "database/deploy.toml",
        &[(
            "[artifacts.redis]",
            &format!("[registries]\ndeploy = \"{team}\"\n\n[artifacts.redis]"),
        )],
    );
    depending(&bench, "shop", team);
    bench.pack("1.0.0", 0);
    bench.must("database", &["release"]);
    bench
}

fn depending(bench: &Bench, service: &str, team: &str) {
    let manifest = format!("{service}/deploy.toml");
    bench.edit(
        &manifest,
        &[
            (
                "[artifacts.web]",
                &format!("[registries]\nteam = \"{team}\"\n\n[artifacts.web]"),
            ),
            ("database = \"../database\"", "database = \"team:database:7.0\""),
            ("strategy = \"careful\"", "strategy = \"quick\""),
        ],
    );
    append(bench, &manifest, QUICK);
}

fn append(bench: &Bench, path: &str, more: &str) {
    let path = bench.path(path);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{text}{more}")).unwrap();
}

fn decide(bench: &Bench, service: &str, placement: &str) {
    let table = format!("\n[environments.local.dependencies.database]\n{placement}\n");
    append(bench, &format!("{service}/deploy.toml"), &table);
}

fn instances(bench: &Bench, service: &str) -> Vec<String> {
    let status = bench.json(service, &["status", "local"]);
    let listed = status["environments"][0]["instances"].as_array();
    let listed = listed.unwrap_or_else(|| panic!("{status}"));
    let name = |instance: &Value| instance["name"].as_str().unwrap().to_owned();
    listed.iter().map(name).collect()
}

#[test]
fn a_package_is_deployed_before_what_depends_on_it() {
    let bench = published("../team");
    decide(
        &bench,
        "shop",
        "values = { max-memory = \"32MiB\" }\nstrategy = \"in-place\"",
    );
    bench.must("shop", &["run", "local"]);
    let config = bench.path(&format!("{DATABASE}/deployment/local/config/redis.conf"));
    let config = fs::read_to_string(config).unwrap();
    assert!(config.contains("maxmemory 33554432"), "{config}");
    let running = instances(&bench, DATABASE);
    assert_eq!(running.len(), 1, "{running:?}");
    assert!(!bench.path("database/.slipway/ledger.db").exists() || running[0].starts_with("database-local-"));
}
