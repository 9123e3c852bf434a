//! A registry with one manifest of one layer, and one fault.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use slipway_model::Digest;
use slipway_registry::{Descriptor, ManifestBuilder, media};

use crate::support::noise;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Unauthorized,
    BadToken,
    Forbidden,
    NoSuchTag,
    NoSuchBlob,
    BusyOnce,
    BrokenOnce,
    BrokenAlways,
    CutOnce,
    CutOnceWithoutRange,
    CutAlways,
    WrongBytes,
    WrongLength,
    NeverEnding,
    Drip,
    Hang,
    Redirect(SocketAddr),
    RedirectInCircles,
    HugeManifest,
    WrongManifest,
    RudeMessage,
}

#[derive(Clone)]
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    /// Method, path, and which of `range` and `authorization` came with it.
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    fault: Fault,
    layer: Bytes,
    manifest: Bytes,
}

impl Hostile {
    pub(crate) async fn start(fault: Fault) -> Self {
        let layer = noise(7, 300_000);
        let manifest = ManifestBuilder::new("application/vnd.example", Descriptor::of(media::EMPTY, "{}"))
            .layer(Descriptor::of(media::OCTETS, &layer))
            .bytes();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self {
            address,
            requests: Arc::default(),
            fault,
            layer,
            manifest,
        };
        let router = Router::new().fallback(answer).with_state(server.clone());
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("oci://{}", self.address)
    }

    pub(crate) fn layer(&self) -> Descriptor {
        Descriptor::of(media::OCTETS, &self.layer)
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    fn record(&self, request: &Request) -> usize {
        let with = |name: header::HeaderName| {
            if request.headers().contains_key(&name) {
                format!(" +{name}")
            } else {
                String::new()
            }
        };
        let (method, path) = (request.method(), request.uri().path());
        let line = format!(
            "{method} {path}{}{}",
            with(header::RANGE),
            with(header::AUTHORIZATION)
        );
        let mut requests = self.requests.lock().unwrap();
        let before = requests.iter().filter(|seen| seen.contains(path)).count();
        requests.push(line);
        before
    }
}

async fn answer(State(server): State<Hostile>, request: Request) -> Response {
    let before = server.record(&request);
    let path = request.uri().path().to_owned();
    let status =
        |status: u16, body: &str| (StatusCode::from_u16(status).unwrap(), body.to_owned()).into_response();
    let layer = path.ends_with(&format!("blobs/{}", server.layer().digest));
    let known = request.headers().contains_key(header::AUTHORIZATION);
    match server.fault {
        Fault::Unauthorized => {
            return ([(header::WWW_AUTHENTICATE, "Basic realm=\"x\"")], status(401, "")).into_response();
        }
        Fault::BadToken if path == "/token" => return status(200, r#"{"token":"t0ken\nx"}"#),
        Fault::BadToken => {
            let challenge = format!("Bearer realm=\"http://{}/token\",service=\"s\"", server.address);
            return ([(header::WWW_AUTHENTICATE, challenge)], status(401, "")).into_response();
        }
        Fault::Redirect(_) if !known => {
            return ([(header::WWW_AUTHENTICATE, "Basic realm=\"x\"")], status(401, "")).into_response();
        }
        Fault::Forbidden => return status(403, r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#),
        Fault::RudeMessage => return status(403, &format!("\x1b[31m<b>no\r\n{}", "x".repeat(5000))),
        Fault::BrokenAlways => return status(500, "oh dear"),
        Fault::BrokenOnce if before == 0 => return status(502, "oh dear"),
        Fault::BusyOnce if before == 0 => {
            return ([(header::RETRY_AFTER, "1")], status(429, "slow down")).into_response();
        }
        _ => {}
    }
    if path.ends_with("tags/list") {
        return status(200, r#"{"name":"web","tags":["0.9","1","bad tag"]}"#);
    }
    if path.contains("/manifests/") {
        let bytes = match server.fault {
            Fault::NoSuchTag => return status(404, ""),
            Fault::HugeManifest => Bytes::from(vec![b' '; 5 * 1024 * 1024]),
            Fault::WrongManifest => Bytes::from_static(b"{}"),
            _ => server.manifest.clone(),
        };
        let named = [
            (header::CONTENT_TYPE, media::MANIFEST.to_owned()),
            (
                header::HeaderName::from_static("docker-content-digest"),
                server.digest().to_string(),
            ),
        ];
        return (named, bytes).into_response();
    }
    if path.ends_with(&Digest::of("{}").to_string()) {
        return status(200, "{}");
    }
    if layer && request.method() == Method::GET {
        let range = request
            .headers()
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        return server.blob(before, range);
    }
    status(404, "")
}

impl Hostile {
    fn blob(&self, before: usize, range: Option<&str>) -> Response {
        let full = self.layer.len();
        let length = [(header::CONTENT_LENGTH, full.to_string())];
        let cut = || {
            let broken = Err(std::io::Error::other("cut"));
            Body::from_stream(
                stream::iter([Ok(self.layer.slice(..200_000)), broken]).then(async |piece| {
                    // Lets the first piece be sent before the end comes.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    piece
                }),
            )
        };
        match self.fault {
            Fault::NoSuchBlob => StatusCode::NOT_FOUND.into_response(),
            Fault::CutAlways => (length, cut()).into_response(),
            Fault::CutOnce | Fault::CutOnceWithoutRange if before == 0 => (length, cut()).into_response(),
            Fault::WrongBytes => noise(8, full).into_response(),
            Fault::WrongLength => noise(8, full - 1).into_response(),
            Fault::NeverEnding => Body::from_stream(stream::repeat_with(|| {
                Ok::<_, std::io::Error>(noise(1, 64 * 1024))
            }))
            .into_response(),
            Fault::Drip => {
                let pieces: Vec<_> = self.layer.chunks(30_000).map(Bytes::copy_from_slice).collect();
                let pieces = stream::iter(pieces).then(async |piece| {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok::<_, std::io::Error>(piece)
                });
                Body::from_stream(pieces).into_response()
            }
            Fault::Hang => {
                let first = stream::iter([Ok::<_, std::io::Error>(self.layer.slice(..1000))]);
                (length, Body::from_stream(first.chain(stream::pending()))).into_response()
            }
            Fault::Redirect(to) => {
                let to = format!(
                    "http://{to}/v2/web/blobs/{}?signature=s3cret",
                    self.layer().digest
                );
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
            }
            Fault::RedirectInCircles => {
                let to = format!("/v2/web/blobs/{}", self.layer().digest);
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
            }
            _ => {
                let ranged = range.filter(|_| self.fault != Fault::CutOnceWithoutRange);
                let first: Option<usize> =
                    ranged.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
                match first {
                    None => self.layer.clone().into_response(),
                    Some(first) => {
                        let range = format!("bytes {first}-{}/{full}", full - 1);
                        (
                            StatusCode::PARTIAL_CONTENT,
                            [(header::CONTENT_RANGE, range)],
                            self.layer.slice(first..),
                        )
                            .into_response()
                    }
                }
            }
        }
    }
}
