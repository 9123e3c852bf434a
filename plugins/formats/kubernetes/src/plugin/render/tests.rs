//! From inspection to the workload.

use serde_json::json;
use slipway_sdk::Resolved;

use super::*;
use crate::plugin::inspect::inspect;

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}, {name: again, image: docker.io/library/nginx:latest}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}, {port: 9, name: metrics}, {port: 10}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: elsewhere}
";

fn input(settings: Json, resolved: Vec<Resolved>) -> Input {
    RenderInput {
        service: "shop".to_owned(),
        environment: "prod".to_owned(),
        artifact: "app".to_owned(),
        blob: "sha256:1".to_owned(),
        facts: Facts {
            kinds: BTreeMap::new(),
            paths: Vec::new(),
        },
        written: settings.clone(),
        settings,
        config: Vec::new(),
        resolved,
        target: json!({}),
    }
}

fn brought(reference: &str, pull: Option<&str>) -> Resolved {
    Resolved {
        reference: reference.to_owned(),
        digest: "sha256:2".to_owned(),
        pull: pull.map(str::to_owned),
    }
}

fn files() -> Files {
    [("k8s/web.yaml", WEB)].into_iter().collect()
}

#[test]
fn what_it_needs_is_found() {
    let found = inspect(&files(), &json!({ "more-images": ["busybox:1"] })).unwrap();
    assert_eq!(found.summary, "3 objects: 1 ConfigMap, 1 Deployment, 1 Service");
    let needed: Vec<_> = found
        .dependencies
        .iter()
        .map(|one| (one.reference.as_str(), one.place.as_str()))
        .collect();
    let place = "k8s/web.yaml: Deployment.apps/shop/web/spec/template/spec/containers/0/image";
    assert_eq!(needed, [("nginx", place), ("busybox:1", "`more-images`")]);
    let none = inspect(&files(), &json!({ "images": "as-written" })).unwrap();
    assert!(none.dependencies.is_empty());
}

#[test]
fn a_template_leads_to_all_that_fits() {
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{image: '{image}'}}]}}\n"
        )
    };
    let files: Files = [
        ("overlays/prod/a.yaml", pod("one")),
        ("overlays/test/a.yaml", pod("two")),
        ("base/a.yaml", pod("three")),
    ]
    .into_iter()
    .collect();
    let found = inspect(&files, &json!({ "path": "overlays/{{ environment }}" })).unwrap();
    let needed: Vec<_> = found
        .dependencies
        .iter()
        .map(|one| one.reference.as_str())
        .collect();
    assert_eq!(needed, ["one", "two"]);
    assert_eq!(found.summary, "1 object: 1 Pod; 2 variants");
    let error = inspect(&files, &json!({ "path": "nothing/{{ x }}" })).unwrap_err();
    assert!(
        error.message.contains("nothing in the artifact fits"),
        "{}",
        error.message
    );
}

#[test]
fn the_workload() {
    let settings = json!({ "namespace": "shop" });
    let rendered = render(
        &files(),
        input(settings, vec![brought("nginx", Some("reg/nginx@sha256:3"))]),
    )
    .unwrap();
    let workload = rendered.workload.unwrap();
    assert_eq!(workload.ports, ["web", "web:metrics"]);
    assert_eq!((workload.kind.as_str(), workload.instances), ("kubernetes", 1));
    let text = String::from_utf8(rendered.files[0].content.clone()).unwrap();
    let at = |id: &str| text.find(&format!("\"{id}\": {{")).unwrap();
    assert!(
        at("Deployment.apps/web") < at("Service/web") && at("Service/web") < at("ConfigMap/elsewhere/other")
    );
    let document: Json = serde_json::from_str(&text).unwrap();
    let pod = "/objects/Deployment.apps~1web/spec/template/spec/containers";
    assert_eq!(
        document.pointer(&format!("{pod}/0/image")),
        Some(&json!("reg/nginx@sha256:3"))
    );
    assert_eq!(
        document.pointer(&format!("{pod}/1/image")),
        Some(&json!("reg/nginx@sha256:3"))
    );
    assert_eq!(document["images"].as_array().map(Vec::len), Some(2));
}

#[test]
fn images_that_nobody_brought() {
    let error = render(&files(), input(json!({}), Vec::new())).unwrap_err();
    assert_eq!(error.message.lines().count(), 2, "{}", error.message);
    let as_written = render(&files(), input(json!({ "images": "as-written" }), Vec::new())).unwrap();
    let text = String::from_utf8(as_written.files[0].content.clone()).unwrap();
    assert!(text.contains("\"image\": \"nginx\""));
    let stands = render(&files(), input(json!({}), vec![brought("nginx", None)])).unwrap();
    assert!(
        !String::from_utf8(stands.files[0].content.clone())
            .unwrap()
            .contains("\"images\"")
    );
}

#[test]
fn shown_as_yaml() {
    let shown = show(&files(), input(json!({}), Vec::new())).unwrap();
    assert!(shown.starts_with(b"apiVersion: apps/v1\nkind: Deployment\n"));
}
