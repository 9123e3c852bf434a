//! The pods that Services lead to, as the cluster's proxies know them.

use serde_json::Value;
use slipway_sdk::{Failure, http::escape};

use crate::{Ask, Resource, ask_all, items};

/// How many ready pods each of these Services leads to.
pub fn ready(namespace: &str, services: &[&str]) -> Result<Vec<usize>, Failure> {
    let lists = addresses(namespace, services)?;
    Ok(lists.iter().map(Vec::len).collect())
}

/// How many of a Service's ready pods another one leads to as well.
pub fn in_common(namespace: &str, one: &str, other: &str) -> Result<usize, Failure> {
    match addresses(namespace, &[one, other])?.as_slice() {
        [one, other] => Ok(one.iter().filter(|address| other.contains(address)).count()),
        _ => Ok(0),
    }
}

fn addresses(namespace: &str, services: &[&str]) -> Result<Vec<Vec<String>>, Failure> {
    let slices = Resource::known("discovery.k8s.io", "EndpointSlice")
        .ok_or_else(|| Failure::failed("nothing is known of EndpointSlice"))?
        .list(Some(namespace));
    let ask = |service: &&str| {
        let selector = escape(&format!("kubernetes.io/service-name={service}"));
        Ask::get(format!("{slices}?labelSelector={selector}"))
    };
    let answers = ask_all(services.iter().map(ask).collect())?;
    let lists = answers
        .into_iter()
        .map(|answer| Ok(of(&answer.success("listing the endpoints")?)));
    lists.collect()
}

/// Of the endpoints that are ready.
fn of(slices: &Value) -> Vec<String> {
    let endpoints = items(slices, "/items").flat_map(|slice| items(slice, "/endpoints"));
    let ready =
        endpoints.filter(|endpoint| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false)));
    ready
        .flat_map(|endpoint| items(endpoint, "/addresses"))
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_those_that_are_ready() {
        let slices = json!({ "items": [
            { "endpoints": [{ "addresses": ["10.0.0.1"], "conditions": { "ready": true } }, { "addresses": ["10.0.0.2"], "conditions": { "ready": false } }] },
            { "endpoints": [{ "addresses": ["10.0.0.3"] }] }
        ] });
        assert_eq!(of(&slices), ["10.0.0.1", "10.0.0.3"]);
        assert_eq!(of(&json!({})), [""; 0]);
    }
}
