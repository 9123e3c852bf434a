//! A chart of 200 small objects of six kinds, none of which runs anything, and the manifest that deploys it.

use std::{fs, path::Path};

pub(crate) const OBJECTS: usize = 200;

const TEMPLATES: &str = r#"{{- range $i := until 100 }}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: config-{{ $i }} }
data: { revision: {{ $.Values.revision | quote }}, place: {{ $.Release.Name | quote }} }
{{- end }}
{{- range $i := until 40 }}
---
apiVersion: v1
kind: Service
metadata: { name: service-{{ $i }}, annotations: { revision: {{ $.Values.revision | quote }} } }
spec: { selector: { app: "{{ $i }}" }, ports: [{ name: http, port: 80 }] }
{{- end }}
{{- range $i := until 20 }}
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: account-{{ $i }}, annotations: { revision: {{ $.Values.revision | quote }} } }
---
apiVersion: v1
kind: Secret
metadata: { name: secret-{{ $i }} }
stringData: { revision: {{ $.Values.revision | quote }} }
{{- end }}
{{- range $i := until 10 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: role-{{ $i }}, annotations: { revision: {{ $.Values.revision | quote }} } }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: binding-{{ $i }}, annotations: { revision: {{ $.Values.revision | quote }} } }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: role-{{ $i }} }
subjects: [{ kind: ServiceAccount, name: account-{{ $i }} }]
{{- end }}
"#;

/// The chart as `chart/` in a folder.
pub(crate) fn write(folder: &Path) {
    let chart = folder.join("chart");
    fs::create_dir_all(chart.join("templates")).expect("a folder can be made");
    let head = "apiVersion: v2\nname: link\nversion: 1.0.0\n";
    fs::write(chart.join("Chart.yaml"), head).expect("a file can be written");
    fs::write(chart.join("templates/all.yaml"), TEMPLATES).expect("a file can be written");
}

/// What differs from one revision to the next: something in every object.
pub(crate) fn revise(folder: &Path, revision: u32) {
    let values = format!("revision: {revision}\n");
    fs::write(folder.join("chart/values.yaml"), values).expect("a file can be written");
}

pub(crate) fn manifest(namespace: &str) -> String {
    format!(
        r#"
[service]
name = "link"
version = "1.0.0"

[artifacts.app]
format = "helm"
from = "chart"
namespace = "{namespace}"

[environments.test]
target = {{ plugin = "kubernetes", context = "test", namespace = "{namespace}", mode = "in-place", allow = ["create-namespace"] }}
strategy = "at-once"

[strategy.at-once]
type = "rolling"
batch = ["100%"]
soak = "0s"
min-healthy-time = "0s"
"#
    )
}
