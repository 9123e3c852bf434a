//! What lets the operator in (the token of a kubeconfig, the password of a registry) is searched for in everything that a
//! run leaves behind, in all that it prints, and in the memories of its plugins while they run.

use std::{fs, process::Stdio};

use slipway_tests::{
    Bench, Cluster, PASSWORD, RegistryServer, credentials, files_with, holds_one, program, push_image,
    stands, watch_memories,
};

/// What plugins have in their memories.
const MANIFEST: [&str; 2] = ["kind: Deployment", "\"Deployment\""];

#[test]
fn no_credential_is_anywhere() {
    let cluster = Cluster::start();
    let bench = Bench::web(&cluster);
    let (token, kubeconfig) = token(&cluster);
    let dev = RegistryServer::start(&bench, "dev");
    let login = format!("ci:{PASSWORD}");
    push_image(
        &format!("127.0.0.1:{}/server:1", dev.port),
        None,
        &[],
        Some(&login),
    );
    let registry = format!("dev = \"oci+http://{}\"", cluster.registry());
    let from = format!("dev = \"oci+http://127.0.0.1:{}\"", dev.port);
    bench.edit("web/deploy.toml", &[(&registry, &from)]);
    credentials(&bench, &[&dev]);
    let operator = fs::read_to_string(bench.path("operator.toml")).unwrap();
    let operator = format!("{operator}[clusters.test]\nkubeconfig = {kubeconfig:?}\n");
    fs::write(bench.path("operator.toml"), operator).unwrap();

    let needles = [token.clone(), stands(&token), PASSWORD.to_owned(), stands(&login)];
    let run = bench
        .command(&program("slipway"), "web", &["run", "test", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let seen = watch_memories(&run, &needles, MANIFEST);
    let output = run.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&printed));
    // The search finds what is there: the host has the token, and plugins have manifests.
    assert!(seen.familiar > 0 && seen.host, "{seen:?}");
    assert_eq!(seen.leaks, [""; 0]);

    let mut printed = vec![printed];
    for arguments in [
        ["status", "test"].as_slice(),
        &["history"],
        &["logs", "test"],
        &["diff", "test"],
        &["archive", "list"],
        &["--verbose", "plan", "test"],
    ] {
        let ran = bench.slipway("web", arguments);
        printed.push((ran.stdout + &ran.stderr).into_bytes());
    }
    let leaks: Vec<_> = printed.iter().filter(|text| holds_one(text, &needles)).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let mut files = 0;
    for folder in ["web", "cache", "agent"] {
        let (leaks, count) = files_with(&bench.path(folder), &needles);
        assert_eq!(leaks, [""; 0]);
        files += count;
    }
    assert!(files > 30, "{files}");
}

/// An account with a token and nothing else, and a kubeconfig of it.
fn token(cluster: &Cluster) -> (String, std::path::PathBuf) {
    cluster.kubectl_must(&["create", "serviceaccount", "operator"]);
    let grant = [
        "create",
        "clusterrolebinding",
        "operator",
        "--clusterrole=cluster-admin",
    ];
    let grant: Vec<_> = grant
        .into_iter()
        .chain(["--serviceaccount=default:operator"])
        .collect();
    cluster.kubectl_must(&grant);
    let token = cluster
        .kubectl_must(&["create", "token", "operator"])
        .trim()
        .to_owned();
    let kubeconfig = cluster.path("token.kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters: [{{ name: test, cluster: {{ server: {:?}, certificate-authority: {:?} }} }}]\n\
         contexts: [{{ name: test, context: {{ cluster: test, user: operator }} }}]\n\
         users: [{{ name: operator, user: {{ token: {token:?} }} }}]\n",
        cluster.api(),
        cluster.path("pki/ca.crt")
    );
    fs::write(&kubeconfig, text).expect("a file can be written");
    (token, kubeconfig)
}
