//! The format `helm` as `cargo xtask build-plugins` makes it where there is Go: charts that are read and rendered through
//! the host, and charts that are made to do harm. What Helm's engine makes of charts is tested beside the plugin.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]
#![allow(clippy::print_stderr, reason = "a test that cannot begin says why")]

mod kit;

use std::{fs, path::Path, time::Duration};

use kit::Tape;
use serde_json::{Value, json};
use slipway_host::{Beside, Host, Limits};
use slipway_model::Digest;
use slipway_plugin::{Artifact, Call, Kind, PluginError, Plugins, RenderInput, Rendered, Resolved};
use tempfile::TempDir;

/// None where there was no Go to build it with.
fn host(limits: Limits) -> Option<Host> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/format-helm.wasm");
    if !file.is_file() {
        eprintln!(
            "skipped: {} is made by `cargo xtask build-plugins` where there is Go",
            file.display()
        );
        return None;
    }
    Some(Host::new(limits).with_beside(vec![Beside {
        kind: Kind::Format,
        name: "helm".to_owned(),
        file: Ok(file),
    }]))
}

/// A chart, packed.
struct Chart {
    folder: TempDir,
    digest: Digest,
    size: u64,
}

impl Chart {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        let head = (
            "web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '7'\n",
        );
        for (name, content) in files.iter().chain([&head]) {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            archive
                .append_data(&mut header, name, content.as_bytes())
                .unwrap();
        }
        let bytes = archive.into_inner().unwrap().finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("web.tgz"), &bytes).unwrap();
        Self {
            folder,
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
        }
    }

    fn call(&self) -> Call {
        Call::new(Tape::new()).blob(self.digest, self.folder.path().join("web.tgz"), self.size)
    }

    fn artifact(&self, settings: &Value) -> Artifact {
        Artifact {
            name: "app".to_owned(),
            blob: self.digest,
            size: self.size,
            settings: settings.clone(),
        }
    }

    async fn render(
        &self,
        host: &Host,
        settings: Value,
        resolved: Vec<Resolved>,
    ) -> Result<Rendered, PluginError> {
        let input = RenderInput {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            artifact: self.artifact(&settings),
            facts: json!({}),
            settings,
            config: Vec::new(),
            resolved,
            target: json!({}),
        };
        host.format("helm")
            .await
            .unwrap()
            .render(self.call(), input)
            .await
    }
}

const WEB: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}-web" }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "nginx:{{ .Values.tag }}" }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
"#;

#[tokio::test]
async fn charts_are_read_and_rendered() {
    let Some(host) = host(Limits::default()) else {
        return;
    };
    let chart = Chart::new(&[
        ("web/templates/web.yaml", WEB),
        ("web/values.yaml", "replicas: 1\ntag: '1.25'\n"),
    ]);
    let format = host.format("helm").await.unwrap();
    let settings = json!({ "values": { "replicas": 3 } });
    let found = format
        .inspect(chart.call(), chart.artifact(&settings), Vec::new())
        .await
        .unwrap();
    assert_eq!(found.summary, "chart web 1.2.3 (app 7), 1 template, 0 subcharts");
    let needed: Vec<_> = found
        .dependencies
        .iter()
        .map(|it| (it.reference.as_str(), it.place.as_str()))
        .collect();
    let place = "web/templates/web.yaml: Deployment.apps/shop-web /spec/template/spec/containers/0/image";
    assert_eq!(
        needed,
        [("nginx:1.25", place.replace("shop-", "release-name-").as_str())]
    );

    let nginx = Resolved {
        reference: "nginx:1.25".to_owned(),
        digest: chart.digest,
        pull: Some("reg.example/nginx@sha256:00".to_owned()),
    };
    let rendered = chart.render(&host, settings, vec![nginx]).await.unwrap();
    let workload = rendered.workload.unwrap();
    assert_eq!(
        (workload.kind.as_str(), workload.ports.as_slice()),
        ("kubernetes", &["web".to_owned()][..])
    );
    let [file] = &rendered.files[..] else {
        panic!("one file")
    };
    assert_eq!(file.path, "workloads/app.json");
    let document: Value = serde_json::from_slice(&file.content).unwrap();
    let deployment = &document["objects"]["Deployment.apps/shop-web"];
    assert_eq!(deployment["spec"]["replicas"], 3);
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "reg.example/nginx@sha256:00");
    let pointer = "/objects/Deployment.apps~1shop-web/spec/replicas";
    assert!(
        rendered
            .origins
            .iter()
            .any(|origin| origin.pointer == pointer && origin.setting == "/values/replicas")
    );
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_the_words_of_helm() {
    let Some(host) = host(Limits::default()) else {
        return;
    };
    let chart = Chart::new(&[(
        "web/templates/web.yaml",
        "\n{{ required \"set .Values.name\" .Values.name }}",
    )]);
    let refused = chart.render(&host, json!({}), Vec::new()).await.unwrap_err();
    let expected = "artifact `app`: execution error at (web/templates/web.yaml:2:3): set .Values.name";
    assert!(refused.to_string().ends_with(expected), "{refused}");
}

#[tokio::test]
async fn charts_that_do_harm_are_stopped_and_harm_nobody_else() {
    let Some(host) = host(Limits {
        computing: Duration::from_secs(5),
        ..Limits::default()
    }) else {
        return;
    };
    for (template, cause) in [
        (
            "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
            "computing limit 5 s reached",
        ),
        (
            "{{ $x := dict \"a\" (repeat 4000000 \"x\") }}{{ range $i := until 100000 }}{{ $_ := set $x (toString $i) (print $x.a $i) }}{{ end }}",
            "memory limit 256 MiB reached",
        ),
        (
            "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
            "rendering template has a nested reference name: x: unable to execute template",
        ),
        (
            "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
            "exceeded maximum template depth",
        ),
    ] {
        let chart = Chart::new(&[("web/templates/web.yaml", template)]);
        let refused = chart.render(&host, json!({}), Vec::new()).await.unwrap_err();
        assert!(refused.to_string().contains(cause), "{template}: {refused}");
    }
    let chart = Chart::new(&[("web/templates/web.yaml", "")]);
    chart.render(&host, json!({}), Vec::new()).await.unwrap();
}
