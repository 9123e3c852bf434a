//! A chart that looks something up in the cluster of its environment: what the manifest asks for and the operator lets it,
//! and never a Secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use serde_json::Value;
use slipway_tests::{Bench, Cluster};

const LOOKING: &str = r#"
[service]
name = "shop"
version = "1.0.0"
[artifacts.app]
format = "helm"
from = "chart"
images = "as-written"
lookup = ["ConfigMap", "Namespace"]
[environments.test]
target = { plugin = "kubernetes", context = "test", namespace = "shop" }
strategy = "rollout"
[strategy.rollout]
type = "rolling"
"#;

const ASKS: &str = r#"
{{- $found := lookup "v1" "ConfigMap" .Release.Namespace "kept" }}
apiVersion: v1
kind: ConfigMap
metadata: { name: asks }
data:
  colour: {{ dig "data" "colour" "none" $found | quote }}
  spaces: {{ range (lookup "v1" "Namespace" "" "").items }}{{ .kind }}/{{ .metadata.name }} {{ end }}.
  secret: {{ lookup "v1" "Secret" .Release.Namespace "token" | len | quote }}
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
  apis: {{ range list "apps/v1" "v1/Node" "acme.example/v1/Wheel" "acme.example/v2" }}{{ if $.Capabilities.APIVersions.Has . }}{{ . }} {{ end }}{{ end }}.
"#;

const WHEEL: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: wheels.acme.example }
spec:
  group: acme.example
  scope: Namespaced
  names: { kind: Wheel, plural: wheels }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
"#;

/// What the chart made of what it looked up.
fn asked(bench: &Bench) -> Value {
    let text = std::fs::read_to_string(bench.path("shop/deployment/test/workloads/app.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["objects"]["ConfigMap/asks"]["data"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_looks_up_what_it_is_let() {
    let cluster = Cluster::start();
    cluster.kubectl_must(&["create", "namespace", "shop"]);
    cluster.kubectl_must(&[
        "-n",
        "shop",
        "create",
        "secret",
        "generic",
        "token",
        "--from-literal=a=b",
    ]);
    let paint = |colour: &str| {
        let literal = format!("--from-literal=colour={colour}");
        cluster.kubectl_must(&["-n", "shop", "delete", "configmap", "kept", "--ignore-not-found"]);
        cluster.kubectl_must(&["-n", "shop", "create", "configmap", "kept", &literal]);
    };
    paint("red");
    let chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
    let files = [
        ("deploy.toml", LOOKING),
        ("chart/Chart.yaml", chart),
        ("chart/templates/a.yaml", ASKS),
    ];
    let bench = Bench::of_files("shop", &files).with_shared_cache();
    let operate = |lookup: &str| {
        let operator = format!(
            "[clusters.test]\nkubeconfig = {:?}\n{lookup}\n",
            cluster.kubeconfig()
        );
        std::fs::write(bench.path("operator.toml"), operator).unwrap();
    };
    operate("lookup = [\"ConfigMap\"]");
    bench.must("shop", &["release"]);

    // The manifest asks for one kind more than the operator lets it.
    let refused = bench.slipway("shop", &["adapt", "test"]).stderr;
    for said in [
        "every Namespace (v1): the operator lets nobody look up that kind",
        "[clusters.test] lookup = [\"Namespace\"] in ",
    ] {
        assert!(refused.contains(said), "{refused}");
    }
    operate("lookup = [\"ConfigMap\", \"Namespace\"]");
    let told = bench.must("shop", &["adapt", "test"]);
    let found = asked(&bench);
    assert_eq!((&found["colour"], &found["secret"]), (&"red".into(), &"0".into()));
    let spaces = found["spaces"].as_str().unwrap();
    assert!(spaces.contains("Namespace/shop "), "{spaces}");
    let note = "Secret (v1) shop/token is not looked up, and the chart is told that there is none";
    assert!(
        format!("{}{}", told.stdout, told.stderr).contains(note),
        "{}{}",
        told.stdout,
        told.stderr
    );

    // A run that goes on sees what it saw; another one looks anew.
    let met = bench.path("met");
    std::fs::create_dir(&met).unwrap();
    // Twice at each write: before it, and when it is durable.
    let recorded = (4..40).step_by(3).flat_map(|at| [at, at]).any(|at| {
        paint("red");
        let fault = format!("unmet:{at}:{}", met.display());
        let died = bench.faulty("shop", &["adapt", "test"], &fault);
        assert_ne!(
            died.code,
            Some(0),
            "nothing was looked up before the run had ended"
        );
        paint("blue");
        let resumed = bench.slipway("shop", &["resume"]);
        // Before its first entry there is no run to go on with.
        resumed.code == Some(0) && asked(&bench)["colour"] == "red"
    });
    assert!(recorded);
    bench.must("shop", &["adapt", "test"]);
    assert_eq!(asked(&bench)["colour"], "blue");

    // Who asks for nothing is told of nothing, and who asks for a Secret is refused before anything is done.
    bench.edit(
        "shop/deploy.toml",
        &[("lookup = [\"ConfigMap\", \"Namespace\"]\n", "")],
    );
    bench.must("shop", &["release"]);
    let told = bench.must("shop", &["adapt", "test"]);
    assert_eq!(asked(&bench)["colour"], "none");
    let note = "ConfigMap (v1) shop/kept is not looked up";
    assert!(
        format!("{}{}", told.stdout, told.stderr).contains(note),
        "{}{}",
        told.stdout,
        told.stderr
    );

    // What the cluster is, its definitions among it, where that is asked for.
    assert_eq!(asked(&bench)["apis"], "apps/v1 .");
    std::fs::write(bench.path("wheel.yaml"), WHEEL).unwrap();
    cluster.kubectl_must(&["apply", "-f", bench.path("wheel.yaml").to_str().unwrap()]);
    let ask = (
        "images = \"as-written\"",
        "images = \"as-written\"\ncapabilities = \"cluster\"",
    );
    bench.edit("shop/deploy.toml", &[ask]);
    bench.must("shop", &["release"]);
    // A cluster tells of a definition a little later.
    cluster.until("the definition is among what the cluster is", || {
        bench.must("shop", &["adapt", "test"]);
        asked(&bench)["apis"] == "apps/v1 v1/Node acme.example/v1/Wheel ."
    });
    let version: Value = serde_json::from_str(&cluster.kubectl_must(&["get", "--raw", "/version"])).unwrap();
    assert_eq!(asked(&bench)["kubernetes"], version["gitVersion"]);

    bench.edit(
        "shop/deploy.toml",
        &[("images = \"as-written\"", "lookup = [\"Secret\"]")],
    );
    let refused = bench.slipway("shop", &["release"]).stderr;
    assert!(
        refused.contains("`lookup` lists Secret, which is never looked up"),
        "{refused}"
    );
}
