//! A chart with what it does not hold: a subchart of an HTTP repository with an image of its own, and values files beside
//! the manifest. All of it is brought by a release and locked by digest, and the repository may go away afterwards. Its
//! index may have no digests, or name archives in a registry, and it may speak without TLS where the operator lets it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, routing::get};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use slipway_model::Digest;
use slipway_tests::{Bench, PASSWORD, RegistryServer, credentials, push_image};

const MANIFEST: &str = r#"
[service]
name = "shop"
version = "1.0.0"
[registries]
dev = "oci+http://REGISTRY"
deploy = "oci+http://REGISTRY/deploy"
[artifacts.app]
format = "helm"
from = "chart"
values-files = ["values/common.yaml", "values/{{ environment }}.yaml"]
values = { db = { name = "from the manifest" } }
[environments.prod]
target = { plugin = "kubernetes", namespace = "shop" }
strategy = "rollout"
[environments.test]
target = { plugin = "kubernetes", namespace = "shop-test" }
strategy = "rollout"
[strategy.rollout]
type = "rolling"
"#;

const CHART: &str = "apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - { name: store, alias: db, version: ^1.0.0, repository: \"REPOSITORY\" }
";

const SUBCHART: [(&str, &str); 3] = [
    (
        "store/Chart.yaml",
        "apiVersion: v2\nname: store\nversion: 1.2.3\n",
    ),
    (
        "store/values.yaml",
        "name: none\nsize: 0\nimage: REGISTRY/acme/db:1\n",
    ),
    (
        "store/templates/db.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: { name: db, namespace: {{ .Release.Namespace }}, labels: { name: {{ .Values.name | quote }}, \
         size: {{ .Values.size | quote }} } }\nspec: { containers: [{ name: db, image: {{ .Values.image | quote }} }] }\n",
    ),
];

/// What the repository serves.
#[derive(Default)]
struct Served {
    index: String,
    archive: Vec<u8>,
}

type Shared = Arc<Mutex<Served>>;

async fn repository() -> (String, Shared, tokio::task::JoinHandle<()>) {
    let served = Shared::default();
    let routes = Router::new()
        .route(
            "/stable/index.yaml",
            get(|State(served): State<Shared>| async move { served.lock().unwrap().index.clone() }),
        )
        .route(
            "/stable/archives/store-1.2.3.tgz",
            get(|State(served): State<Shared>| async move { served.lock().unwrap().archive.clone() }),
        )
        .with_state(served.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/stable", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (url, served, task)
}

fn publish(served: &Shared, registry: &str, comment: &str) -> Digest {
    let archive = subchart(registry, comment);
    let digest = Digest::of(&archive);
    let index = format!(
        "apiVersion: v1\nentries:\n  store:\n  - name: store\n    version: 1.9.0\n    digest: {0}\n    urls: [none.tgz]\n  \
         - name: store\n    version: 1.2.3\n    digest: {0}\n    urls:\n    - archives/store-1.2.3.tgz\n",
        digest.hex()
    );
    *served.lock().unwrap() = Served { index, archive };
    digest
}

fn subchart(registry: &str, comment: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in SUBCHART {
        let text = format!("{}# {comment}\n", text.replace("REGISTRY", registry));
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn pod(bench: &Bench, environment: &str) -> Value {
    let path = format!("shop/deployment/{environment}/workloads/app.json");
    let text = std::fs::read_to_string(bench.path(&path)).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["objects"]["Pod/db"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_chart_needs_is_brought() {
    let (repository, served, server) = repository().await;
    let lock = "dependencies:\n- { name: store, version: 1.2.3, repository: REPOSITORY }\ndigest: sha256:0\n";
    let bench = Bench::of_files(
        "shop",
        &[
            ("deploy.toml", MANIFEST),
            ("chart/Chart.yaml", &CHART.replace("REPOSITORY", &repository)),
            ("chart/Chart.lock", &lock.replace("REPOSITORY", &repository)),
            ("values/common.yaml", "db: { name: common, size: 1 }\n"),
            ("values/prod.yaml", "db: { size: 2 }\n"),
            ("values/test.yaml", "db: { image: REGISTRY/acme/small:1 }\n"),
        ],
    )
    .with_shared_cache();
    let registry = RegistryServer::start(&bench, "registry");
    std::fs::write(bench.path("operator.toml"), "").unwrap();
    credentials(&bench, &[&registry]);
    let address = format!("127.0.0.1:{}", registry.port);
    for file in ["deploy.toml", "values/test.yaml"] {
        bench.edit(&format!("shop/{file}"), &[("REGISTRY", &address)]);
    }
    let login = format!("ci:{PASSWORD}");
    for image in ["acme/db:1", "acme/small:1"] {
        let (image, version) = (format!("{address}/{image}"), format!("IS={image}"));
        push_image(&image, Some(b"a program"), &[&version], Some(&login));
    }
    let digest = publish(&served, &address, "first");

    bench.must("shop", &["release"]);
    let locked = std::fs::read_to_string(bench.path("shop/deploy.lock")).unwrap();
    let archive = format!("\"{repository}/archives/store-1.2.3.tgz\" = \"{digest}\"");
    assert!(locked.contains(&archive), "{locked}");
    for image in ["acme/db:1", "acme/small:1"] {
        assert!(locked.contains(&format!("\"{address}/{image}\" = ")), "{locked}");
    }
    assert!(
        !locked.contains("index.yaml") && !locked.contains("common.yaml"),
        "{locked}"
    );

    // Other bytes under the same name are noticed, and taken by somebody who wants them.
    publish(&served, &address, "second");
    let moved = bench.slipway("shop", &["release"]);
    let said = "store-1.2.3.tgz has moved: deploy.lock has";
    assert!(
        moved.code == Some(1) && moved.stderr.contains(said) && moved.stderr.contains("--update"),
        "{}",
        moved.stderr
    );
    bench.must("shop", &["release", "--update"]);

    // The namespace is the target's; both may say it, and must agree.
    let (own, none) = ("from = \"chart\"\nnamespace = \"other\"\n", "from = \"chart\"\n");
    bench.edit("shop/deploy.toml", &[(none, own)]);
    bench.must("shop", &["release"]);
    let refused = bench.slipway("shop", &["adapt", "prod"]).stderr;
    let said = "`namespace` is \"other\", and that of the environment's target is \"shop\"";
    assert!(
        refused.contains("deploy.toml:11: ") && refused.contains(said),
        "{refused}"
    );
    bench.edit("shop/deploy.toml", &[(own, none), ("common.yaml", "none.yaml")]);
    let missing = bench.slipway("shop", &["release"]).stderr;
    assert!(
        missing.contains("deploy.toml: values-files/0") && missing.contains("values/none.yaml"),
        "{missing}"
    );
    bench.edit("shop/deploy.toml", &[("none.yaml", "common.yaml")]);
    bench.must("shop", &["release"]);

    // Nothing of the repository is needed any more.
    server.abort();
    bench.must("shop", &["adapt", "prod"]);
    bench.must("shop", &["adapt", "test"]);
    let (prod, test) = (pod(&bench, "prod"), pod(&bench, "test"));
    for (pod, size, namespace) in [(&prod, "2", "shop"), (&test, "1", "shop-test")] {
        assert_eq!(pod["metadata"]["labels"]["size"], size, "{pod}");
        assert_eq!(pod["metadata"]["labels"]["name"], "from the manifest", "{pod}");
        assert_eq!(pod["metadata"]["namespace"], namespace, "{pod}");
        let image = pod["spec"]["containers"][0]["image"].as_str().unwrap();
        assert!(
            image.starts_with(&format!("{address}/deploy/shop@sha256:")),
            "{image}"
        );
    }
    assert_ne!(
        prod["spec"]["containers"][0]["image"],
        test["spec"]["containers"][0]["image"]
    );

    let gone = bench.slipway("shop", &["release"]);
    assert!(gone.stderr.contains("/stable/index.yaml"), "{}", gone.stderr);
}

const SMALL: &str = r#"
[service]
name = "shop"
version = "1.0.0"
[artifacts.app]
format = "helm"
from = "chart"
images = "as-written"
"#;

/// A service with the chart, whose subchart is of a repository.
fn small(repository: &str) -> Bench {
    let chart = CHART.replace("REPOSITORY", repository).replace("^1.0.0", "1.2.3");
    let files = [("deploy.toml", SMALL), ("chart/Chart.yaml", &chart)];
    Bench::of_files("shop", &files).with_shared_cache()
}

/// An index with one version of the subchart, and what it says of that.
fn index(said: &str) -> String {
    format!("apiVersion: v1\nentries:\n  store:\n  - {{ name: store, version: 1.2.3, {said} }}\n")
}

fn refused(bench: &Bench, said: &[&str]) {
    let refused = bench.slipway("shop", &["release"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    for said in said {
        assert!(refused.stderr.contains(said), "`{said}` in:\n{}", refused.stderr);
    }
}

fn locks(bench: &Bench, line: &str) {
    let locked = std::fs::read_to_string(bench.path("shop/deploy.lock")).unwrap();
    assert!(locked.contains(line), "`{line}` in:\n{locked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_digest_is_known_of_is_locked_by_what_was_fetched() {
    let (repository, served, _server) = repository().await;
    // By an address that is this machine's, and does not look so.
    let repository = repository.replace("127.0.0.1", "0.0.0.0");
    let host = &repository["http://".len()..repository.len() - "/stable".len()];
    let bench = small(&repository);
    let serve = |comment: &str| {
        let archive = subchart("registry.example", comment);
        let digest = Digest::of(&archive);
        let index = index("urls: [archives/store-1.2.3.tgz]");
        *served.lock().unwrap() = Served { index, archive };
        digest
    };
    let first = serve("first");
    let next = format!("plain-http = [\"{host}\"]");
    refused(
        &bench,
        &[
            "/stable/index.yaml`: it comes over http:// and without a digest",
            &next,
        ],
    );
    std::fs::write(bench.path("operator.toml"), next).unwrap();
    bench.must("shop", &["release"]);
    let locked =
        |digest| format!("[images.\"{repository}/archives/store-1.2.3.tgz\"]\nfetched = \"{digest}\"\n");
    locks(&bench, &locked(first));
    bench.must("shop", &["release"]);

    let second = serve("second");
    refused(
        &bench,
        &[
            "store-1.2.3.tgz has moved: deploy.lock has",
            &second.to_string(),
            "--update",
        ],
    );
    locks(&bench, &locked(first));
    bench.must("shop", &["release", "--update"]);
    locks(&bench, &locked(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_names_archives_in_a_registry() {
    let (repository, served, _server) = repository().await;
    let bench = small(&repository);
    let registry = RegistryServer::start(&bench, "registry");
    credentials(&bench, &[&registry]);
    let at = format!("oci://127.0.0.1:{}/charts/store", registry.port);
    // What is pushed, and the manifest that it is pushed with.
    let push = |comment: &str| {
        let archive = subchart("registry.example", comment);
        std::fs::write(bench.path("store.tgz"), &archive).unwrap();
        let file = bench.path("store.tgz").display().to_string();
        let pushed = bench.json("shop", &["artifact", "copy", &file, &format!("{at}:1.2.3")]);
        (
            Digest::of(&archive),
            pushed["digest"].as_str().unwrap().to_owned(),
        )
    };
    let serve = |said: &str| served.lock().unwrap().index = index(said);
    let locked = |digest| format!("\"{at}:1.2.3\" = \"{digest}\"\n");

    let (first, _) = push("first");
    serve(&format!("urls: [\"{at}\"]"));
    bench.must("shop", &["release"]);
    locks(&bench, &locked(first));
    let (second, manifest) = push("second");
    let moved = format!("{at}:1.2.3 has moved: deploy.lock has {first}, the registry has {second}");
    refused(&bench, &[&moved, "--update"]);

    // The index says which is meant: by the archive, or by the manifest that it was pushed with.
    serve(&format!("digest: {}, urls: [\"{at}:1.2.3\"]", first.hex()));
    let other = format!("it should be {first}, and the registry has {second} in {manifest}");
    refused(&bench, &[&other]);
    for digest in [second.to_string(), manifest] {
        serve(&format!("digest: \"{digest}\", urls: [\"{at}:1.2.3\"]"));
        bench.must("shop", &["release", "--update"]);
        locks(&bench, &locked(second));
    }
}
