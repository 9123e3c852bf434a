//! One object of a cluster, or all of a kind, as its API server has them now. What comes of it is kept for good and shown to
//! many, so a Secret is never among it.

use serde_json::Value;
use slipway_plugin::{Endpoint, Failure, FailureKind, Http, Wanted};

use super::ask::{Accept, get};

/// Asks which resource the kind is, and then for it.
pub(crate) async fn look_up(
    http: &dyn Http,
    cluster: &Endpoint,
    wanted: &Wanted,
) -> Result<Option<Value>, Failure> {
    if is_secret(&wanted.kind) {
        return Err(secret(wanted));
    }
    let api = api(&wanted.api_version)?;
    let resources = get(http, cluster, wanted, &api, Accept::Json)
        .await?
        .ok_or_else(|| {
            let text = format!("{wanted}: the cluster has no API {}", wanted.api_version);
            Failure::new(FailureKind::Invalid, text)
                .hint("a chart asks `.Capabilities.APIVersions.Has` first; or install what brings that API")
        })?;
    let resource = Resource::of(&resources, &wanted.kind).ok_or_else(|| {
        let text = format!("{wanted}: {} of the cluster has no such kind", wanted.api_version);
        Failure::new(FailureKind::Invalid, text)
    })?;
    if resource.plural == "secrets" {
        return Err(secret(wanted));
    }
    let path = resource.path(&api, wanted)?;
    let mut found = get(http, cluster, wanted, &path, Accept::Json).await?;
    if let Some(list) = found.as_mut().filter(|_| wanted.name.is_empty()) {
        name_items(list, wanted);
    }
    Ok(found)
}

/// Whoever writes it, and in whatever group it is.
pub(crate) fn is_secret(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("secret")
}

fn secret(wanted: &Wanted) -> Failure {
    let text = format!("{wanted}: a Secret is never looked up: what is made of it would be kept and shown");
    Failure::new(FailureKind::Refused, text).hint("hand its value over as a parameter of type `secret`")
}

struct Resource {
    plural: String,
    namespaced: bool,
}

impl Resource {
    /// Among those of one version of an API.
    fn of(list: &Value, kind: &str) -> Option<Self> {
        let all = list.get("resources")?.as_array()?;
        let found = all.iter().find_map(|resource| {
            let plural = resource.get("name")?.as_str()?;
            // What is below another resource, such as `pods/log`, is no object.
            let is = resource.get("kind")?.as_str()? == kind && !plural.contains('/');
            is.then_some((resource, plural))
        });
        found.map(|(resource, plural)| Self {
            plural: plural.to_owned(),
            namespaced: resource.get("namespaced").and_then(Value::as_bool) == Some(true),
        })
    }

    fn path(&self, api: &str, wanted: &Wanted) -> Result<String, Failure> {
        let mut path = api.to_owned();
        if self.namespaced && !wanted.namespace.is_empty() {
            path += &format!("/namespaces/{}", segment(&wanted.namespace)?);
        }
        path += &format!("/{}", segment(&self.plural)?);
        if !wanted.name.is_empty() {
            path += &format!("/{}", segment(&wanted.name)?);
        }
        Ok(path)
    }
}

/// The path of one version of a group.
fn api(version: &str) -> Result<String, Failure> {
    Ok(match version.split_once('/') {
        None => format!("/api/{}", segment(version)?),
        Some((group, version)) => format!("/apis/{}/{}", segment(group)?, segment(version)?),
    })
}

/// A name in a path is nothing but that: none leads elsewhere.
fn segment(name: &str) -> Result<&str, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if name.is_empty() || [".", ".."].contains(&name) || !name.bytes().all(plain) {
        let text = format!("`{}` is no name of an object", name.escape_debug());
        return Err(Failure::new(FailureKind::Invalid, text));
    }
    Ok(name)
}

/// In a list the objects do not say what they are; one by one they do.
fn name_items(list: &mut Value, wanted: &Wanted) {
    let items = list.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        for (key, value) in [("apiVersion", &wanted.api_version), ("kind", &wanted.kind)] {
            item.entry(key).or_insert_with(|| value.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;
    use slipway_plugin::{Address, HttpAnswer, HttpRequest};

    use super::*;

    /// A cluster with a Secret and a few other things, which remembers what it was asked.
    #[derive(Default)]
    struct Cluster(Mutex<Vec<String>>);

    #[async_trait::async_trait]
    impl Http for Cluster {
        async fn send(&self, _: &str, _: &Endpoint, request: HttpRequest) -> Result<HttpAnswer, Failure> {
            self.0.lock().unwrap().push(request.path.clone());
            let (status, body) = match request.path.as_str() {
                "/api/v1" => (
                    200,
                    json!({ "resources": [
                    { "name": "pods/log", "kind": "ConfigMap", "namespaced": true },
                    { "name": "configmaps", "kind": "ConfigMap", "namespaced": true },
                    { "name": "secrets", "kind": "Secret", "namespaced": true },
                    { "name": "secrets", "kind": "Alias", "namespaced": true },
                    { "name": "nodes", "kind": "Node", "namespaced": false },
                ] }),
                ),
                "/apis/apps/v1" => (
                    200,
                    json!({ "resources": [
                    { "name": "deployments", "kind": "Deployment", "namespaced": true },
                ] }),
                ),
                "/api/v1/namespaces/shop/configmaps/a" => (200, json!({ "data": { "b": "c" } })),
                "/api/v1/namespaces/shop/configmaps" => (200, json!({ "items": [{ "data": {} }] })),
                "/api/v1/nodes/one" => (200, json!({ "kind": "Node" })),
                "/apis/apps/v1/deployments" => (403, json!({ "message": "you cannot list it" })),
                "/api/v1/namespaces/slow/configmaps" => (503, json!({})),
                _ => (404, json!({})),
            };
            let body = body.to_string().into_bytes();
            Ok(HttpAnswer { status, body })
        }
    }

    async fn check(wanted: [&str; 4], expected: Result<Option<Value>, &str>) -> Vec<String> {
        let [api_version, kind, namespace, name] = wanted.map(str::to_owned);
        let wanted = Wanted {
            api_version,
            kind,
            namespace,
            name,
        };
        let cluster = Cluster::default();
        let endpoint = Endpoint::at(Address::Url("http://cluster".to_owned()));
        let found = look_up(&cluster, &endpoint, &wanted).await;
        match (&found, expected) {
            (Err(failure), Err(said)) => assert!(failure.message.contains(said), "{failure:?}"),
            (found, expected) => assert_eq!(found.as_ref().ok(), expected.ok().as_ref(), "{wanted}"),
        }
        cluster.0.into_inner().unwrap()
    }

    #[tokio::test]
    async fn what_there_is() {
        check(
            ["v1", "ConfigMap", "shop", "a"],
            Ok(Some(json!({ "data": { "b": "c" } }))),
        )
        .await;
        check(["v1", "ConfigMap", "shop", "none"], Ok(None)).await;
        let item = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": {} });
        check(
            ["v1", "ConfigMap", "shop", ""],
            Ok(Some(json!({ "items": [item] }))),
        )
        .await;
        check(["v1", "Node", "shop", "one"], Ok(Some(json!({ "kind": "Node" })))).await;
    }

    #[tokio::test]
    async fn what_cannot_be_answered() {
        check(
            ["example.org/v1", "Wheel", "", ""],
            Err("has no API example.org/v1"),
        )
        .await;
        check(["v1", "Wheel", "", ""], Err("v1 of the cluster has no such kind")).await;
        check(
            ["apps/v1", "Deployment", "", ""],
            Err("the cluster refuses it: you cannot list it"),
        )
        .await;
        check(
            ["v1", "ConfigMap", "slow", ""],
            Err("every ConfigMap (v1) of slow: the cluster answers with 503"),
        )
        .await;
        for elsewhere in ["../secrets/a", "a/b", "..", "a?b", "%2e"] {
            check(
                ["v1", "ConfigMap", "shop", elsewhere],
                Err("is no name of an object"),
            )
            .await;
        }
        check(
            ["v1/../v1", "ConfigMap", "shop", ""],
            Err("is no name of an object"),
        )
        .await;
    }

    #[tokio::test]
    async fn a_secret_is_never_asked_for() {
        for (kind, asked) in [("Secret", &[][..]), ("secret", &[]), ("Alias", &["/api/v1"])] {
            let found = check(["v1", kind, "shop", "a"], Err("a Secret is never looked up")).await;
            assert_eq!(found, asked, "{kind}");
        }
    }
}
