//! Asking an API server for a document.

use std::{fmt::Display, time::Duration};

use serde_json::Value;
use slipway_plugin::{Endpoint, Failure, FailureKind, Http, HttpRequest};

const TIMEOUT: Duration = Duration::from_secs(30);

/// As what it is wanted.
#[derive(Clone, Copy)]
pub(super) enum Accept {
    Json,
    /// All groups with all that they serve, in one document: since Kubernetes 1.27.
    Discovery,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Discovery => {
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                 application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
            }
        }
    }
}

/// None where there is none. Failures say what it was asked for.
pub(super) async fn get(
    http: &dyn Http,
    cluster: &Endpoint,
    what: &(dyn Display + Sync),
    path: &str,
    accept: Accept,
) -> Result<Option<Value>, Failure> {
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: vec![("accept".to_owned(), accept.header().to_owned())],
        timeout: TIMEOUT,
    };
    let answer = http.send(&format!("cluster:{path}"), cluster, request).await?;
    let failed = |kind, why: &str| Failure::new(kind, format!("{what}: {why}"));
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map(Some)
            .map_err(|error| failed(FailureKind::Failed, &format!("the cluster's answer: {error}"))),
        404 => Ok(None),
        401 | 403 => Err(failed(
            FailureKind::Refused,
            &format!("the cluster refuses it{}", said(&answer.body)),
        )
        .hint("whoever the kubeconfig says we are must be allowed to `get` and `list` it")),
        status => {
            let kind = if status == 429 || status >= 500 {
                FailureKind::Unavailable
            } else {
                FailureKind::Failed
            };
            Err(failed(
                kind,
                &format!("the cluster answers with {status}{}", said(&answer.body)),
            ))
        }
    }
}

/// What a status says, in its own words.
fn said(body: &[u8]) -> String {
    let status: Option<Value> = serde_json::from_slice(body).ok();
    let message = status.as_ref().and_then(|status| status.get("message")?.as_str());
    message.map_or(String::new(), |message| format!(": {message}"))
}
