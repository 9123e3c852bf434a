//! What every plugin has to keep, kept by all that ship, and found broken where it is.
#![allow(
    clippy::print_stdout,
    reason = "how much was tried is worth reading, not only that it was well"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{fs, path::Path};

use slipway_conformance::{Rule, conform};
use slipway_host::Host;
use slipway_tests::fixture;

async fn rules(name: &str, component: Vec<u8>) -> Vec<Rule> {
    let mut host = Host::default();
    let kind = host.add(name, component, None).unwrap().kind;
    conform(&host, kind, name).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_plugin_that_ships_conforms() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins");
    let (mut seen, mut broken) = (0, Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Compiling the one in Go takes a minute, and its interpreter is another matter.
        if path.extension().is_none_or(|end| end != "wasm") || path.ends_with("format-helm.wasm") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let rules = rules(&name, fs::read(&path).unwrap()).await;
        let tried: usize = rules.iter().map(|rule| rule.tried).sum();
        println!("{name}: {tried} times tried, {} lines of code", lines(&name));
        seen += 1;
        broken.extend(
            rules
                .into_iter()
                .filter(|rule| !rule.is_kept())
                .map(|rule| (name.clone(), rule)),
        );
    }
    assert!(seen >= 10, "{seen}");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Plugins as they were built when the contract 0.1.0 was frozen: they are never built again, and work for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_built_for_the_first_contract_works_for_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/0.1.0");
    for kind in ["check", "format", "router", "target"] {
        let module = fs::read(folder.join(kind).with_extension("wasm")).unwrap();
        let rules = rules(kind, module).await;
        let tried: usize = rules.iter().map(|rule| rule.tried).sum();
        assert!(
            tried > 20 && rules.iter().all(Rule::is_kept),
            "{kind}: {rules:#?}"
        );
    }
}

/// It does what its settings say: something that no check may do, and giving up.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_is_found() {
    let rules = rules("unruly", fixture("unruly")).await;
    let broken = rules.iter().filter(|rule| !rule.is_kept());
    let broken: Vec<_> = broken.map(|rule| rule.name).collect();
    let expected = [
        "the schema says what can be set, with examples",
        "settings are taken as the schema says",
        "every call is answered, whatever the world answers",
    ];
    assert_eq!(broken, expected, "{rules:#?}");
    let answered = &rules[2];
    assert!(answered.problems[0].contains("may only read"), "{answered:?}");
    let taken = &rules[1];
    assert!(taken.problems[1].contains("it gave up"), "{taken:?}");
}

/// Of a plugin that ships, such as `target-machine`: neither empty, nor comments, nor tests.
fn lines(name: &str) -> usize {
    let (kind, name) = name.split_once('-').unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../plugins/{kind}s/{name}/src"));
    let (mut count, mut folders) = (0, vec![sources]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.ends_with("tests.rs") || path.ends_with("tests");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
                let text = fs::read_to_string(path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().lines().map(str::trim);
                count += code
                    .filter(|line| !line.is_empty() && !line.starts_with("//"))
                    .count();
            }
        }
    }
    count
}
