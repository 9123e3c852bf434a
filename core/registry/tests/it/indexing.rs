//! A registry in memory that knows the referrers API: it remembers the subjects of manifests and tells them in pages
//! of one.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_registry::media;

#[derive(Clone)]
pub(crate) struct Indexing {
    address: SocketAddr,
    /// Pages lead to pages for ever.
    endless: bool,
    content: Arc<Mutex<Content>>,
}

#[derive(Default)]
struct Content {
    blobs: BTreeMap<Digest, Bytes>,
    manifests: BTreeMap<Digest, Bytes>,
    tags: BTreeMap<String, Digest>,
    /// By subject.
    referrers: BTreeMap<String, Vec<Value>>,
}

impl Indexing {
    pub(crate) async fn start(endless: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self {
            address,
            endless,
            content: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("oci://{}", self.address)
    }

    pub(crate) fn tags(&self) -> Vec<String> {
        self.content.lock().unwrap().tags.keys().cloned().collect()
    }

    fn put_manifest(&self, reference: &str, bytes: Bytes) -> Response {
        let mut content = self.content.lock().unwrap();
        let digest = Digest::of(&bytes);
        let manifest: Value = serde_json::from_slice(&bytes).unwrap();
        let mut response = StatusCode::CREATED.into_response();
        if let Some(subject) = manifest["subject"]["digest"].as_str() {
            let entry = json!({
                "mediaType": media::MANIFEST, "digest": digest, "size": bytes.len(),
                "artifactType": manifest["artifactType"],
            });
            let known = content.referrers.entry(subject.to_owned()).or_default();
            if !known.contains(&entry) {
                known.push(entry);
            }
            response.headers_mut().insert(
                HeaderName::from_static("oci-subject"),
                HeaderValue::from_str(subject).unwrap(),
            );
        }
        if !reference.starts_with("sha256:") {
            content.tags.insert(reference.to_owned(), digest);
        }
        content.manifests.insert(digest, bytes);
        response
    }

    fn manifest(&self, reference: &str) -> Response {
        let content = self.content.lock().unwrap();
        let digest = reference
            .parse()
            .ok()
            .or_else(|| content.tags.get(reference).copied());
        let Some(bytes) = digest.and_then(|digest| content.manifests.get(&digest)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let manifest: Value = serde_json::from_slice(bytes).unwrap();
        let media_type = manifest["mediaType"].as_str().unwrap().to_owned();
        ([(header::CONTENT_TYPE, media_type)], bytes.clone()).into_response()
    }

    fn referrers(&self, subject: &str, query: &str) -> Response {
        let page: usize = query
            .strip_prefix("page=")
            .map_or(0, |page| page.parse().unwrap());
        let content = self.content.lock().unwrap();
        let all = content.referrers.get(subject).cloned().unwrap_or_default();
        let some: Vec<_> = all.iter().skip(page).take(1).collect();
        let body = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": some });
        let mut response = ([(header::CONTENT_TYPE, media::INDEX)], body.to_string()).into_response();
        if self.endless || page + 1 < all.len() {
            let link = format!("</v2/web/referrers/{subject}?page={}>; rel=\"next\"", page + 1);
            response
                .headers_mut()
                .insert(header::LINK, HeaderValue::from_str(&link).unwrap());
        }
        response
    }
}

async fn answer(State(server): State<Indexing>, request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let last = path.rsplit('/').next().unwrap().to_owned();
    match method {
        Method::POST => (StatusCode::ACCEPTED, [(header::LOCATION, "/upload")]).into_response(),
        Method::PUT => {
            let bytes = to_bytes(request.into_body(), 1 << 24).await.unwrap();
            if path.contains("/manifests/") {
                return server.put_manifest(&last, bytes);
            }
            let digest = Digest::of(&bytes);
            server.content.lock().unwrap().blobs.insert(digest, bytes);
            StatusCode::CREATED.into_response()
        }
        _ if path.contains("/manifests/") => server.manifest(&last),
        _ if path.contains("/referrers/") => server.referrers(&last, &query),
        _ => {
            let content = server.content.lock().unwrap();
            match content.blobs.get(&last.parse().unwrap()) {
                Some(bytes) => bytes.clone().into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            }
        }
    }
}
