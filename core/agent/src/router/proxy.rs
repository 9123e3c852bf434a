//! One request: cleaned, sent to an instance, tried again where nothing can have happened yet, and its answer back.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, sync::atomic::Ordering, time::Duration};

use http::{
    HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
    request::Parts,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::{
    body::{Body, Incoming},
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;

use super::{
    download::Download,
    headers,
    pass::Passage,
    route::{Route, Way, Wish},
    upload::Upload,
};

const REVISION: HeaderName = HeaderName::from_static("x-slipway-revision");
const INSTANCE: HeaderName = HeaderName::from_static("x-slipway-instance");

pub(super) async fn handle(
    route: Arc<Route>,
    mut request: Request<Incoming>,
    peer: SocketAddr,
    preview: bool,
) -> Result<Response<Download>, Infallible> {
    let passage = route.begin(request.method(), request.uri().path(), preview);
    if request.method() == Method::CONNECT {
        return Ok(refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "this is not a forward proxy\n",
            passage,
        ));
    }
    let protocol = headers::upgrade(request.headers()).filter(|_| request.version() == Version::HTTP_11);
    let user = protocol.as_ref().map(|_| hyper::upgrade::on(&mut request));
    let (mut parts, body) = request.into_parts();
    if !parts.headers.contains_key(header::HOST) {
        let host = parts
            .uri
            .authority()
            .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        parts.headers.extend(host.map(|host| (header::HOST, host)));
    }
    headers::strip(&mut parts.headers);
    headers::forward(&mut parts.headers, peer.ip(), route.trusts_forwarded());
    if let Some(protocol) = protocol {
        headers::ask_for_upgrade(&mut parts.headers, protocol);
    }
    Ok(send(&route, &parts, Upload::new(body), user, passage, preview).await)
}

async fn send(
    route: &Route,
    parts: &Parts,
    body: Upload,
    mut user: Option<OnUpgrade>,
    mut passage: Passage,
    preview: bool,
) -> Response<Download> {
    let mut tried = Vec::new();
    let cookies = |name: &str| headers::cookie(&parts.headers, name);
    loop {
        let Some(way) = route.pick(
            &Wish {
                preview,
                cookies: &cookies,
                tried: &tried,
            },
            &mut passage,
        ) else {
            let (status, text) = if tried.is_empty() {
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no instance takes requests now\n",
                )
            } else {
                (StatusCode::BAD_GATEWAY, "no instance could be reached\n")
            };
            return refuse(status, text, passage);
        };
        let sending = way
            .client
            .request(outgoing(parts, way.flow.address, body.clone()));
        let limit = if way.response.is_zero() {
            Duration::MAX
        } else {
            way.response
        };
        match tokio::time::timeout(limit, sending).await {
            Ok(Ok(response)) => return answer(response, &way, user.take(), passage),
            Err(_) => {
                return refuse(
                    StatusCode::GATEWAY_TIMEOUT,
                    "the instance did not answer in time\n",
                    passage,
                );
            }
            Ok(Err(error)) => {
                if error.is_connect() {
                    route.let_rest(&way.flow);
                }
                let nothing_sent = error.is_connect() && body.untouched();
                let repeatable = parts.method.is_safe() && body.is_end_stream() && user.is_none();
                if !nothing_sent && !repeatable || tried.len() >= way.retries as usize {
                    return refuse(StatusCode::BAD_GATEWAY, "the instance broke off\n", passage);
                }
                route.retries.fetch_add(1, Ordering::Relaxed);
                tried.push(way.flow);
            }
        }
    }
}

fn outgoing(parts: &Parts, address: SocketAddr, body: Upload) -> Request<Upload> {
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Authority::try_from(address.to_string()).ok();
    uri.path_and_query = Some(
        parts
            .uri
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/")),
    );
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
    *request.headers_mut() = parts.headers.clone();
    request
}

fn answer(
    mut response: Response<Incoming>,
    way: &Way,
    user: Option<OnUpgrade>,
    mut passage: Passage,
) -> Response<Download> {
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let protocol = headers::upgrade(response.headers()).filter(|_| switched);
    let instance = switched.then(|| hyper::upgrade::on(&mut response));
    let (mut parts, body) = response.into_parts();
    headers::strip(&mut parts.headers);
    if way.expose {
        let revision = HeaderValue::from_str(&way.flow.revision.to_string());
        let name = HeaderValue::from_str(way.flow.name.as_str());
        parts
            .headers
            .extend(revision.ok().map(|revision| (REVISION, revision)));
        parts.headers.extend(name.ok().map(|name| (INSTANCE, name)));
    }
    let cookie = way
        .set_cookie
        .as_deref()
        .and_then(|cookie| HeaderValue::from_str(cookie).ok());
    if let Some(cookie) = cookie {
        parts.headers.append(header::SET_COOKIE, cookie);
    }
    // The server speaks the user's version, whatever the instance spoke.
    parts.version = Version::default();
    passage.answered(parts.status);
    match (instance, user, protocol) {
        (Some(instance), Some(user), Some(protocol)) => {
            headers::ask_for_upgrade(&mut parts.headers, protocol);
            tokio::spawn(tunnel(user, instance, passage));
            Response::from_parts(parts, Download::own("", None))
        }
        (Some(_), _, _) => refuse(
            StatusCode::BAD_GATEWAY,
            "the instance changed the protocol unasked\n",
            passage,
        ),
        (None, _, _) => Response::from_parts(parts, Download::instance(body, passage)),
    }
}

/// Both ways until both have ended. The passage goes along, so a tunnel is a request under way.
async fn tunnel(user: OnUpgrade, instance: OnUpgrade, mut passage: Passage) {
    let (Ok(user), Ok(instance)) = tokio::join!(user, instance) else {
        return;
    };
    let (mut user, mut instance) = (TokioIo::new(user), TokioIo::new(instance));
    // A tunnel that breaks has ended: neither side can be told more.
    if let Ok((_, down)) = tokio::io::copy_bidirectional(&mut user, &mut instance).await {
        passage.sent(down);
    }
}

fn refuse(status: StatusCode, text: &'static str, mut passage: Passage) -> Response<Download> {
    passage.answered(status);
    tracing::debug!(%status, text, "refused");
    let mut response = Response::new(Download::own(text, Some(passage)));
    *response.status_mut() = status;
    response
}
