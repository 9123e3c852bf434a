//! What a Secret holds that somebody has made with kubectl is searched for in all that is left behind and printed: kubectl
//! writes the values a second time, into an annotation.

use slipway_tests::{Bench, Cluster, files_with, holds_one, stands};

const DATA: &str = "hunter2-of-the-data";
const TEXT: &str = "correct-horse-of-the-text";
/// Anybody may know it: it shows that the search finds what plugins were told.
const NOTE: &str = "an-annotation-that-is-no-secret";

#[test]
fn values_of_secrets_made_by_kubectl_are_nowhere() {
    let cluster = Cluster::start();
    let image = cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    let target = "mode = \"side-by-side\", allow = [\"create-namespace\"]";
    bench.edit("web/deploy.toml", &[(target, "mode = \"in-place\"")]);
    let secret = |data: &str| {
        format!("\napiVersion: v1\nkind: Secret\nmetadata: {{ name: token }}\ndata: {{ {data} }}\n")
    };
    let in_package = bench.path("web/k8s/token.yaml");
    std::fs::write(&in_package, secret("token: dG9rZW4tb2YtdGhlLXBhY2thZ2U=")).unwrap();

    cluster.kubectl_must(&["create", "namespace", "web"]);
    let manifests = std::fs::read_to_string(bench.path("web/k8s/web.yaml")).unwrap();
    let by_hand = bench.path("by-hand.yaml");
    let encoded = format!("token: {}", base64(DATA));
    let text = format!("stringData: {{ text: {TEXT} }}\n");
    let annotated = secret(&encoded).replace(
        "name: token }",
        &format!("name: token, annotations: {{ note: {NOTE} }} }}"),
    );
    let web = manifests.replace("image: server ", &format!("image: {image} "));
    std::fs::write(&by_hand, format!("{web}---{annotated}{text}")).unwrap();
    let apply = || cluster.kubectl_must(&["apply", "-n", "web", "-f", by_hand.to_str().unwrap()]);
    apply();
    cluster.kubectl_must(&[
        "rollout",
        "status",
        "-n",
        "web",
        "deployment/web",
        "--timeout=60s",
    ]);

    let mut printed = Vec::new();
    let mut ran = |arguments: &[&str], well: bool| {
        let ran = bench.slipway("web", arguments);
        assert_eq!(
            ran.code == Some(0),
            well,
            "{arguments:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        printed.push(ran.stdout + &ran.stderr);
    };
    ran(&["adopt", "test"], false);
    // What the package does not say of it is left as it is.
    std::fs::write(&in_package, secret("other: eA==")).unwrap();
    ran(&["adopt", "test", "--allow-changes"], true);
    for version in ["2.0.0", "3.0.0"] {
        // And again there is the annotation.
        apply();
        bench.edit(
            "web/k8s/web.yaml",
            &[(
                "terminationGracePeriodSeconds: 5",
                "terminationGracePeriodSeconds: 4",
            )],
        );
        bench.edit(
            "web/deploy.toml",
            &[("mode = \"in-place\"", "mode = \"in-place\", conflicts = \"take\"")],
        );
        ran(&["plan", "test"], true);
        ran(&["run", "test", "--version", version], true);
        ran(&["diff", "test"], true);
        bench.edit(
            "web/k8s/web.yaml",
            &[(
                "terminationGracePeriodSeconds: 4",
                "terminationGracePeriodSeconds: 5",
            )],
        );
        bench.edit("web/deploy.toml", &[(", conflicts = \"take\"", "")]);
    }
    let applied = cluster.get("web", "secret/token").unwrap()["metadata"]["annotations"]
        ["kubectl.kubernetes.io/last-applied-configuration"]
        .to_string();
    assert!(applied.contains(TEXT), "{applied}");
    for arguments in [
        ["--verbose", "status", "test"].as_slice(),
        &["history"],
        &["logs", "test"],
        &["archive", "list"],
        &["rollback", "test"],
    ] {
        ran(arguments, true);
    }

    let needles = [DATA, TEXT]
        .map(|value| [value.to_owned(), stands(value)])
        .concat();
    let leaks: Vec<_> = printed
        .iter()
        .filter(|text| holds_one(text.as_bytes(), &needles))
        .collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let (mut shown, mut files) = (Vec::new(), 0);
    for folder in ["web", "cache", "agent"] {
        let (leaks, count) = files_with(&bench.path(folder), &needles);
        assert_eq!(leaks, [""; 0]);
        shown.extend(files_with(&bench.path(folder), &[NOTE.to_owned()]).0);
        files += count;
    }
    assert!(files > 30, "{files}");
    assert!(shown.iter().any(|file| file.contains("ledger.db")), "{shown:?}");
    assert!(shown.iter().any(|file| file.contains("archive")), "{shown:?}");
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
