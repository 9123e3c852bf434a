//! Registries that misbehave while they are written to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use slipway_model::Digest;
use slipway_registry::{CopyOptions, Descriptor, copy_blob, media};

use crate::support::{client, deployer, layout, noise, repository};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    BrokenOnce,
    BrokenAlways,
    TooLarge,
    NoPlace,
    /// The token that opened the upload is not taken for the bytes.
    Expired,
    /// The uploads go to another host.
    Elsewhere(SocketAddr),
}

#[derive(Clone)]
struct Sink {
    address: SocketAddr,
    fault: Fault,
    requests: Arc<Mutex<Vec<String>>>,
    /// Digests of bodies that came whole.
    stored: Arc<Mutex<Vec<Digest>>>,
}

impl Sink {
    async fn start(fault: Fault) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sink = Self {
            address,
            fault,
            requests: Arc::default(),
            stored: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        sink
    }
}

async fn answer(State(sink): State<Sink>, request: Request) -> Response {
    let method = request.method().clone();
    let authorization = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap().to_owned());
    let line = format!(
        "{method} {} {}",
        request.uri().path(),
        authorization.as_deref().unwrap_or("-")
    );
    let count = {
        let mut requests = sink.requests.lock().unwrap();
        requests.push(line);
        let start = format!("{method} ");
        requests.iter().filter(|seen| seen.starts_with(&start)).count()
    };
    let token = matches!(sink.fault, Fault::Expired | Fault::Elsewhere(_));
    if request.uri().path() == "/token" {
        return format!(r#"{{"token":"number-{count}"}}"#).into_response();
    }
    if token && authorization.is_none() {
        let challenge = format!("Bearer realm=\"http://{}/token\"", sink.address);
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response();
    }
    match method {
        Method::POST if sink.fault == Fault::NoPlace => StatusCode::ACCEPTED.into_response(),
        Method::POST => {
            let place = match sink.fault {
                Fault::Elsewhere(to) => format!("http://{to}/upload?state=x"),
                _ => "/upload?state=x".to_owned(),
            };
            (StatusCode::ACCEPTED, [(header::LOCATION, place)]).into_response()
        }
        Method::PUT => {
            assert!(
                request.headers().contains_key(header::CONTENT_LENGTH),
                "one streamed body of known length"
            );
            let Ok(body) = to_bytes(request.into_body(), 1 << 20).await else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            match sink.fault {
                Fault::BrokenOnce if count == 1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                Fault::BrokenAlways => (StatusCode::INTERNAL_SERVER_ERROR, "disk full").into_response(),
                Fault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
                Fault::Expired if count == 1 => StatusCode::UNAUTHORIZED.into_response(),
                _ => {
                    sink.stored.lock().unwrap().push(Digest::of(body));
                    StatusCode::CREATED.into_response()
                }
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Copies a blob from a layout; with `damage`, the file does not hold what its name says.
async fn uploaded(fault: Fault, damage: bool) -> (String, Sink, Descriptor) {
    let sink = Sink::start(fault).await;
    let folder = tempfile::tempdir().unwrap();
    let client = client(deployer);
    let (from, to) = (
        layout(folder.path(), &client),
        repository(
            &sink.address.to_string().replacen("", "oci://", 1),
            "web",
            &client,
        ),
    );
    let blob = from.push_bytes(media::OCTETS, noise(3, 300_000)).await.unwrap();
    if damage {
        std::fs::write(
            folder.path().join("blobs/sha256").join(blob.digest.hex()),
            noise(4, 300_000),
        )
        .unwrap();
    }
    let outcome = match copy_blob(&from, &blob, &to, &CopyOptions::default().progress).await {
        Ok(moved) => format!("{moved} bytes moved"),
        Err(error) => error.to_string(),
    };
    let outcome = outcome
        .replace(&sink.address.to_string(), "HOST")
        .replace(folder.path().to_str().unwrap(), "FOLDER");
    (outcome, sink, blob)
}

#[tokio::test]
async fn every_fault_is_told() {
    let mut table = String::new();
    let faults = [
        Fault::None,
        Fault::BrokenOnce,
        Fault::BrokenAlways,
        Fault::TooLarge,
        Fault::NoPlace,
        Fault::Expired,
    ];
    for (fault, damage) in faults
        .map(|fault| (fault, false))
        .into_iter()
        .chain([(Fault::None, true)])
    {
        let (outcome, sink, blob) = uploaded(fault, damage).await;
        let stored = sink.stored.lock().unwrap();
        assert!(
            stored.iter().all(|stored| *stored == blob.digest),
            "nothing wrong came to its end"
        );
        let source = if damage { ", damaged source" } else { "" };
        let stored = stored.len();
        table += &format!("{fault:?}{source}\n    {outcome}\n    {stored} stored\n");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn a_token_that_expires_is_renewed() {
    let (_, sink, _) = uploaded(Fault::Expired, false).await;
    let requests = sink.requests.lock().unwrap().clone();
    let puts: Vec<_> = requests
        .iter()
        .filter(|request| request.starts_with("PUT"))
        .collect();
    assert_eq!(puts.len(), 2, "{requests:?}");
    assert_ne!(puts[0], puts[1], "another token");
    assert!(
        requests
            .iter()
            .any(|request| request.starts_with("GET /token Basic "))
    );
}

#[tokio::test]
async fn a_token_is_not_sent_to_another_host() {
    let other = Sink::start(Fault::None).await;
    let (outcome, ..) = uploaded(Fault::Elsewhere(other.address), false).await;
    assert_eq!(outcome, "300000 bytes moved");
    assert_eq!(*other.requests.lock().unwrap(), ["PUT /upload -"]);
}
