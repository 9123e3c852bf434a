//! A chart whose hooks say when they ran, through the program: each at its moment and in its order, removed by its
//! policy, and never silently left out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use serde_json::Value;
use slipway_tests::{Bench, Cluster, Ran};

use super::cluster;

const NAMESPACE: &str = "hooks";

const MANIFEST: &str = r#"
[service]
name = "web"
version = "1.0.0"
[registries]
dev = "oci+http://REGISTRY"
deploy = "oci+http://REGISTRY/deploy"
[artifacts.server]
format = "container"
from = "dev:server:1"
[artifacts.app]
format = "helm"
from = "chart"
values = { version = "1", fail = "" }
[environments.test]
target = { plugin = "kubernetes", context = "test", namespace = "hooks", allow = ["create-namespace"] }
strategy = "rollout"
[strategy.rollout]
type = "rolling"
checks = ["alive"]
soak = "1s"
progress-deadline = "60s"
[check.alive]
http = { path = "/healthz", port = "web" }
"#;

/// Every moment leaves a mark. Around them work that is named against the order of its weights.
const HOOKS: &str = r#"
{{- range list "pre-install" "post-install" "pre-upgrade" "post-upgrade" "pre-rollback" "post-rollback" "pre-delete" "post-delete" "test" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: at-{{ . }}
  annotations: { helm.sh/hook: {{ . }}, helm.sh/hook-weight: "5" }
data: { version: {{ $.Values.version | quote }} }
{{- end }}
{{- define "job" }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  annotations: { helm.sh/hook: {{ .when | quote }}, helm.sh/hook-weight: {{ .weight | quote }}, helm.sh/hook-delete-policy: {{ .policy | quote }}, helm.sh/hook-output-log-policy: {{ .logs | default "" | quote }} }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - { name: work, image: server, env: [{ name: {{ if eq .fail .name }}CRASH{{ else }}JOB{{ end }}, value: "{{ .name }} works" }] }
{{- end }}
{{- $before := "pre-install,pre-upgrade,pre-rollback" }}
{{- template "job" dict "name" "z-first" "when" $before "weight" "-1" "policy" "before-hook-creation" "fail" .Values.fail }}
{{- template "job" dict "name" "goes" "when" $before "weight" "1" "policy" "hook-succeeded" "logs" "hook-succeeded" "fail" .Values.fail }}
{{- template "job" dict "name" "stays-if-good" "when" $before "weight" "2" "policy" "before-hook-creation,hook-failed" "fail" .Values.fail }}
{{- template "job" dict "name" "a-last" "when" $before "weight" "9" "policy" "before-hook-creation" "fail" .Values.fail }}
{{- template "job" dict "name" "tests" "when" "test" "weight" "0" "policy" "before-hook-creation,hook-succeeded" "logs" "hook-failed" "fail" .Values.fail }}
---
apiVersion: v1
kind: ConfigMap
metadata: { generateName: named-, annotations: { helm.sh/hook: post-install } }
"#;

const WEB: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: server
          env: [{ name: VERSION, value: {{ .Values.version | quote }} }]
          readinessProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
"#;

struct Chart<'a> {
    cluster: &'a Cluster,
    bench: Bench,
    values: String,
}

impl<'a> Chart<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let bench = Bench::web(cluster).with_shared_cache();
        let manifest = MANIFEST.replace("REGISTRY", &cluster.registry());
        let files = [
            ("deploy.toml", manifest.as_str()),
            ("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            ("chart/values.yaml", "version: '0'\nfail: ''\n"),
            ("chart/templates/hooks.yaml", HOOKS),
            ("chart/templates/web.yaml", WEB),
        ];
        for (path, text) in files {
            let path = bench.path(&format!("web/{path}"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let values = "{ version = \"1\", fail = \"\" }".to_owned();
        Self {
            cluster,
            bench,
            values,
        }
    }

    fn run(&mut self, version: &str, fail: &str) -> Ran {
        let values = format!("{{ version = {version:?}, fail = {fail:?} }}");
        self.bench.edit("web/deploy.toml", &[(&self.values, &values)]);
        self.values = values;
        let version = format!("{version}.0.0");
        self.bench.slipway("web", &["run", "test", "--version", &version])
    }

    fn get(&self, what: &str) -> Option<Value> {
        self.cluster.get(NAMESPACE, what)
    }

    /// The moments that came, with the version of the chart that they came of, in the order in which they came.
    fn moments(&self) -> Vec<String> {
        let listed = self
            .cluster
            .kubectl_must(&["-n", NAMESPACE, "get", "configmaps", "-o", "json"]);
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let mut marks: Vec<_> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|map| {
                let moment = map["metadata"]["name"].as_str()?.strip_prefix("at-")?;
                let version = map["data"]["version"].as_str()?;
                let number: u64 = map["metadata"]["resourceVersion"].as_str()?.parse().ok()?;
                Some((number, format!("{moment} {version}")))
            })
            .collect();
        marks.sort_unstable();
        marks.into_iter().map(|(_, mark)| mark).collect()
    }

    fn time(&self, what: &str, pointer: &str) -> String {
        let object = self.get(what).unwrap_or_else(|| panic!("{what} is there"));
        object.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    fn is_there(&self, what: &str) -> bool {
        self.get(what).is_some()
    }
}

const MADE: &str = "/metadata/creationTimestamp";

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_a_chart_run_at_their_moments() {
    let (cluster, _) = cluster();
    let mut chart = Chart::new(cluster);

    let ran = chart.run("1", "");
    let told = "app: hook ConfigMap/at-pre-delete (web/templates/hooks.yaml) does not run at pre-delete: \
        nothing is uninstalled here";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    // One that asks for it has its logs told, before it is removed.
    let said = ran.stderr.split("note: pre-install: goes-").nth(1);
    let said = said.and_then(|said| said.split_once("/work says\n"));
    assert!(
        said.is_some_and(|(_, said)| said.starts_with("goes works\n")),
        "{}",
        ran.stderr
    );
    assert!(
        !ran.stderr.contains("z-first works") && !ran.stderr.contains("tests works"),
        "{}",
        ran.stderr
    );
    ran.must();
    let installed = ["pre-install 1", "post-install 1", "test 1"];
    assert_eq!(chart.moments(), installed);
    // By weight, each when the one before had ended.
    let ended = "/status/completionTime";
    assert!(chart.time("job/z-first", ended) <= chart.time("job/stays-if-good", MADE));
    assert!(chart.time("job/stays-if-good", ended) <= chart.time("configmap/at-pre-install", MADE));
    assert!(chart.time("configmap/at-pre-install", MADE) <= chart.time("job/a-last", MADE));
    assert!(chart.time("job/a-last", ended) <= chart.time("deployment/web", MADE));
    assert!(!chart.is_there("job/goes") && !chart.is_there("job/tests"));
    let named = cluster.kubectl_must(&["-n", NAMESPACE, "get", "configmaps", "-o", "name"]);
    assert_eq!(named.matches("configmap/named-").count(), 1, "{named}");

    let uid = |chart: &Chart<'_>, what: &str| chart.time(what, "/metadata/uid");
    let first = uid(&chart, "job/z-first");
    chart.run("2", "").must();
    let upgraded = ["pre-upgrade 2", "post-upgrade 2", "test 2"];
    assert_eq!(
        chart.moments(),
        [&installed[..2], &upgraded[..]].concat(),
        "the mark of the test before is removed when it is made again"
    );
    assert_ne!(uid(&chart, "job/z-first"), first);

    // One that fails ends the deployment, and the way back is a roll-back of the chart that was there.
    let ran = chart.run("3", "stays-if-good");
    assert_ne!(ran.code, Some(0));
    let cause = "pre-upgrade: Job.batch/stays-if-good has failed";
    assert!(
        ran.stderr.contains(cause) && ran.stderr.contains("stays-if-good works"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        chart.moments(),
        [
            &installed[..2],
            &upgraded[..2],
            &["pre-rollback 2", "post-rollback 2", "test 2"]
        ]
        .concat()
    );
    assert!(!chart.is_there("job/goes"), "it had succeeded");

    // A test that fails is a deployment that failed.
    let ran = chart.run("4", "tests");
    assert_ne!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("test: Job.batch/tests has failed")
            && ran.stderr.contains("/work says\nstarting\nERROR tests works"),
        "{}",
        ran.stderr
    );
    let moments = chart.moments();
    assert!(
        moments.contains(&"post-upgrade 4".to_owned()) && moments.ends_with(&["test 2".to_owned()]),
        "{moments:?}"
    );
    let running = chart.get("deployment/web").unwrap();
    let version = "/spec/template/spec/containers/0/env/0/value";
    assert_eq!(running.pointer(version).unwrap(), "2");

    // A person goes back.
    chart.bench.must("web", &["rollback", "test"]);
    let moments = chart.moments();
    assert!(
        moments.ends_with(&["pre-rollback 1", "post-rollback 1", "test 1"].map(str::to_owned)),
        "{moments:?}"
    );

    // Side by side the tests of a chart would test the revision before, and that is said.
    chart.bench.edit(
        "web/deploy.toml",
        &[("allow = [", "mode = \"side-by-side\", allow = [")],
    );
    let told = chart.bench.must("web", &["adapt", "test"]).stderr;
    assert!(
        told.contains("test Job.batch/tests (web/templates/hooks.yaml) does not run"),
        "{told}"
    );
}
