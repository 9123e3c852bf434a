//! What a cluster is: its version, and the APIs that it serves, as its own discovery says.

use serde_json::Value;
use slipway_plugin::{Capabilities, Endpoint, Failure, FailureKind, Http};

use super::ask::{Accept, get};

const WHAT: &str = "capabilities of the cluster";

pub(crate) async fn capabilities(http: &dyn Http, cluster: &Endpoint) -> Result<Capabilities, Failure> {
    let version = get(http, cluster, &WHAT, "/version", Accept::Json).await?;
    let version = version
        .as_ref()
        .and_then(|version| version["gitVersion"].as_str());
    let version = version.ok_or_else(|| unknown("/version does not say which Kubernetes it is"))?;
    let mut apis = Vec::new();
    for path in ["/api", "/apis"] {
        let groups = get(http, cluster, &WHAT, path, Accept::Discovery).await?;
        let groups = groups
            .as_ref()
            .filter(|found| found["kind"] == "APIGroupDiscoveryList");
        let groups = groups.and_then(|found| found["items"].as_array());
        let groups = groups.ok_or_else(|| {
            unknown(&format!(
                "{path} does not say what it serves; Kubernetes does since 1.27"
            ))
        })?;
        groups.iter().for_each(|group| served(group, &mut apis));
    }
    apis.sort_unstable();
    apis.dedup();
    Ok(Capabilities {
        version: version.to_owned(),
        apis,
    })
}

/// The versions of a group, and their kinds.
fn served(group: &Value, apis: &mut Vec<String>) {
    let name = group["metadata"]["name"].as_str().unwrap_or_default();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for version in list(&group["versions"]) {
        let Some(number) = version["version"].as_str() else {
            continue;
        };
        let api = if name.is_empty() {
            number.to_owned()
        } else {
            format!("{name}/{number}")
        };
        let resources = list(&version["resources"]);
        let kinds = resources
            .iter()
            .filter_map(|resource| resource["responseKind"]["kind"].as_str());
        apis.extend(kinds.map(|kind| format!("{api}/{kind}")));
        apis.push(api);
    }
}

fn unknown(why: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, format!("{WHAT}: {why}"))
        .hint("say what the chart is rendered for in `kube-version` and `api-versions` instead")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_and_kinds_are_served() {
        let mut apis = Vec::new();
        let kind = |kind: &str| json!({ "resource": "x", "responseKind": { "group": "", "version": "", "kind": kind } });
        let core = json!({ "metadata": {}, "versions": [{ "version": "v1", "resources": [kind("Pod")] }] });
        let apps = json!({ "metadata": { "name": "apps" }, "versions": [
            { "version": "v1", "resources": [kind("Deployment"), { "resource": "odd" }] }, { "version": "v1beta1" },
        ] });
        [core, apps].iter().for_each(|group| served(group, &mut apis));
        assert_eq!(
            apis,
            ["v1/Pod", "v1", "apps/v1/Deployment", "apps/v1", "apps/v1beta1"]
        );
    }
}
