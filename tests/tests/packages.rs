//! A service that depends on another team's package: fetched from a registry, laid out, and deployed like any other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::fs;

use serde_json::Value;
use slipway_tests::{Bench, RegistryServer, credentials, free_port};

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

/// Three services of one program: `blog` depends on the package of `database`, and both on the package of `cache`.
fn family(team: &str) -> Bench {
    let bench = Bench::shop();
    let folder = |name: &str, dependency: &str, registries: &str, port: u16| {
        for file in ["deploy.toml", "config/redis.conf", "dist/redis.tar.gz"] {
            let to = bench.path(&format!("{name}/{file}"));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            if name != "database" {
                fs::copy(bench.path(&format!("database/{file}")), to).unwrap();
            }
        }
        let path = bench.path(&format!("{name}/deploy.toml"));
        let text = fs::read_to_string(&path).unwrap();
        let number = text.split("number = ").nth(1).unwrap().split(' ').next().unwrap();
        let text = text
            .replace("name = \"database\"", &format!("name = \"{name}\""))
            .replace(number, &port.to_string())
            .replace(
                "[artifacts.redis]",
                &format!("[registries]\n{registries}\n{dependency}\n[artifacts.redis]"),
            );
        fs::write(path, text).unwrap();
    };
    let published = format!("deploy = \"{team}\"");
    folder("cache", "", &published, free_port());
    let on = |name: &str| format!("\n[dependencies]\nneeded = \"team:{name}:7.0\"\n");
    let both = format!("{published}\nteam = \"{team}\"");
    let needs = format!("{}cache = \"team:cache:7.0\"\n", on("database"));
    folder("blog", &needs, &format!("team = \"{team}\""), free_port());
    folder("database", &on("cache"), &both, free_port());
    bench
}

fn laid_out(service: &str) -> String {
    format!("blog/.slipway/dependencies/{service}")
}

fn cache_package(bench: &Bench) -> String {
    let shown = bench.json(&laid_out("cache"), &["package", "inspect"]);
    shown["digest"].as_str().unwrap().to_owned()
}

#[test]
fn packages_of_packages_go_first_and_survive() {
    let bench = family("TEAM");
    let server = RegistryServer::start(&bench, "team");
    credentials(&bench, &[&server]);
    let team = format!("oci+http://127.0.0.1:{}/team", server.port);
    for service in ["cache", "database", "blog"] {
        bench.edit(&format!("{service}/deploy.toml"), &[("TEAM", team.as_str())]);
    }
    bench.must("cache", &["release"]);
    bench.must("database", &["release"]);
    let placed = "\n[environments.local.dependencies.needed]\nstrategy = \"in-place\"\nvalues = { max-memory = \"33MiB\" }\n\
        [environments.local.dependencies.cache]\nstrategy = \"in-place\"\n";
    append(&bench, "blog/deploy.toml", placed);

    // Values are checked against the package, where they stand.
    bench.edit("blog/deploy.toml", &[("33MiB", "much")]);
    let refused = bench.slipway("blog", &["run", "local"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("blog/deploy.toml:") && refused.stderr.contains("max-memory"),
        "{}",
        refused.stderr
    );
    bench.edit("blog/deploy.toml", &[("much", "33MiB")]);

    // Killed while the first of them is on its way: the service's own `resume` finds it.
    bench.faulty("blog", &["run", "local"], "after:12");
    let again = bench.slipway("blog", &["run", "local"]);
    assert_eq!(again.code, Some(6), "{}", again.stderr);
    assert!(again.stderr.contains("slipway resume"), "{}", again.stderr);
    let resumed = bench.must("blog", &["resume"]);
    assert!(
        resumed.stderr.contains("cache is what was interrupted"),
        "{}",
        resumed.stderr
    );
    bench.must("blog", &["run", "local"]);

    let running = || ["cache", "database"].map(|service| instances(&bench, &laid_out(service)));
    let first = running();
    assert!(first.iter().all(|instances| instances.len() == 1), "{first:?}");
    let config = bench.path(&format!(
        "{}/deployment/local/config/redis.conf",
        laid_out("database")
    ));
    assert!(
        fs::read_to_string(config)
            .unwrap()
            .contains(&(33 << 20).to_string())
    );

    // Another service with other wishes does not take it away.
    let other = bench.slipway("database", &["run", "local"]);
    assert_eq!(other.code, Some(1), "{}", other.stderr);
    assert!(other.stderr.contains("not from here"), "{}", other.stderr);
    assert_eq!(running(), first);

    // With its dependencies, wherever it is taken.
    let (from, to) = (
        format!("{team}/database:7.0"),
        format!("{}#database", bench.path("copy").display()),
    );
    bench.must("blog", &["artifact", "copy", &from, &to]);
    let config = bench
        .path("copy/blobs/sha256")
        .join(&cache_package(&bench)["sha256:".len()..]);
    assert!(config.exists(), "{}", config.display());
    drop(server);

    let explained = bench.must(&laid_out("database"), &["explain", "local", "config/redis.conf"]);
    assert!(
        explained.stdout.contains("blog/deploy.toml"),
        "{}",
        explained.stdout
    );

    // What is generated may go: nothing is lost, and nothing is asked that was released.
    for service in ["cache", "database"] {
        for generated in ["deploy.toml", "deploy.lock"] {
            fs::remove_file(bench.path(&format!("{}/{generated}", laid_out(service)))).unwrap();
        }
        for generated in ["config", "deployment"] {
            fs::remove_dir_all(bench.path(&format!("{}/{generated}", laid_out(service)))).unwrap();
        }
    }
    for step in ["adapt", "deploy", "cutover"] {
        bench.must("blog", &[step, "local"]);
    }
    assert_eq!(running(), first);
}
