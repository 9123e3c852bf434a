//! Requests that would go elsewhere than to the endpoint, or say more than one request.

use slipway_model::Digest;

use crate::{
    archives::lying,
    asks::{Request, get},
    kit::{Arg, Guest, pairs, text},
    table::{Row, gets, told},
};

const VISIBLE: &str = "it is made of visible ASCII without `\\` and `#`; everything else is percent-encoded";
const SLASH: &str = "it begins with one `/` and has no empty part";
const DOTS: &str = "it has no part `.` or `..`";

fn path(path: &str, why: &str) -> Row {
    let shown = path.escape_debug().to_string();
    Row::new(
        format!("asks for {shown}"),
        get(path),
        told(format!("path `{shown}`: {why}")),
    )
}

fn header(name: &str, value: &str) -> Row {
    let headers = &[(name, value)][..];
    let guest = Request {
        headers,
        ..Request::default()
    }
    .guest();
    let expected = format!("header `{}` is the host's to set", name.to_lowercase());
    Row::new(format!("sets {name}: {value}"), guest, told(expected))
}

fn malformed(name: &str, value: &str) -> Row {
    let headers = &[(name, value)][..];
    let guest = Request {
        headers,
        ..Request::default()
    }
    .guest();
    let tries = format!("a header {}: {}", name.escape_debug(), value.escape_debug());
    let expected = format!("header `{}`: a …", name.escape_debug());
    Row::new(tries, guest, told(expected))
}

fn method(method: &str) -> Row {
    let guest = Request {
        method,
        ..Request::default()
    }
    .guest();
    let shown = method.escape_debug().to_string();
    Row::new(
        format!("the method {shown}"),
        guest,
        told(format!("method `{shown}` (GET, HEAD, …)")),
    )
}

fn endpoint(endpoint: &str) -> Row {
    let guest = Request {
        endpoint,
        ..Request::default()
    }
    .guest();
    let shown = endpoint.escape_debug().to_string();
    Row::new(
        format!("the endpoint {shown}"),
        guest,
        told(format!("no endpoint `{shown}` is granted (granted: api)")),
    )
}

/// So many headers, or one so long.
fn headers(tries: &str, headers: &[(&str, &str)]) -> Row {
    let guest = Request {
        headers,
        ..Request::default()
    }
    .guest();
    Row::new(
        tries,
        guest,
        told("a request has at most 100 headers of 64 KiB together"),
    )
}

pub(crate) fn targets() -> Vec<Row> {
    let long = format!("/{}", "a".repeat(70_000));
    vec![
        path("http://127.0.0.1:1/x", SLASH),
        path("//127.0.0.1:1/x", SLASH),
        path("/\\127.0.0.1:1/x", VISIBLE),
        path("\\\\127.0.0.1\\x", VISIBLE),
        path("@127.0.0.1:1/x", SLASH),
        path(":1@127.0.0.1/x", SLASH),
        path("", SLASH),
        path("?a=b", SLASH),
        path("*", SLASH),
        path("/../admin", DOTS),
        path("/%2e%2E/admin", DOTS),
        path("/..%2fadmin", DOTS),
        path("/x/..%5c..%5cadmin", DOTS),
        path("/..;a=b/admin", DOTS),
        path("/x#/../admin", VISIBLE),
        path("/x HTTP/1.1\r\nhost: other\r\n\r\nGET /y", VISIBLE),
        path("/x\ty", VISIBLE),
        path("/\u{2025}/admin", VISIBLE),
        path(
            "/x%0d%0ahost:%20other",
            "it has no control characters, percent-encoded or not",
        ),
        path(
            "/x%00.json",
            "it has no control characters, percent-encoded or not",
        ),
        Row::new(
            "a path of 70,000 bytes",
            get(&long),
            told("path `/aaa…`: it has more than 32 KiB"),
        ),
        endpoint("API"),
        endpoint("api "),
        endpoint("http://127.0.0.1:1"),
        endpoint("\u{430}pi"),
        endpoint("\u{1b}[2Japi"),
        Row::new(
            "follows a redirect to a stranger",
            get("/redirect"),
            gets("it is told of it, and nobody goes there", "…307…"),
        ),
        Row::new(
            "`//` and `@` in a query",
            get("/x?u=http://me@127.0.0.1:1//y/../z"),
            gets(
                "a query is the endpoint's own",
                "…/base/x?u=http://me@127.0.0.1:1//y/../z…",
            ),
        ),
    ]
}

/// The host says how long a body is before it is read: a file of an archive is not of the size that it says.
fn body_of(tries: &str, size: u32, expected: &str) -> Row {
    let archive = lying(size);
    let digest = Digest::of(&archive).to_string();
    let arguments = [
        text("api"),
        text("PUT"),
        text("/"),
        pairs(&[]),
        // Of an archive.
        Arg::Int(2),
        text(digest),
        text("a"),
        Arg::Int(5000),
        Arg::Int(0),
        Arg::Int(0),
    ];
    let guest = Guest::new().call("http", "send", &arguments);
    Row::new(tries, guest, told(expected)).call(move |world| world.handing(&archive))
}

pub(crate) fn smuggling() -> Vec<Row> {
    // Each with a name of its own: a table of headers has a size that cannot be exceeded.
    let names: Vec<_> = (0..33_000).map(|number| format!("x-{number}")).collect();
    let thousands: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let long = "a".repeat(70_000);
    vec![
        method("GET / HTTP/1.1\r\nhost: other\r\n\r\nGET"),
        method("CONNECT"),
        method("TRACE"),
        method("get"),
        method("G\u{0}T"),
        method("PROPFIND"),
        header("Host", "127.0.0.1:1"),
        header("Content-Length", "0"),
        header("Transfer-Encoding", "chunked"),
        header("TE", "trailers"),
        header("Trailer", "x"),
        header("Connection", "authorization"),
        header("Keep-Alive", "x"),
        header("Upgrade", "websocket"),
        header("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
        header("Expect", "100-continue"),
        header("Proxy-Authorization", "Basic x"),
        header("Proxy-Connection", "keep-alive"),
        header("Forwarded", "for=127.0.0.1"),
        header("X-Forwarded-For", "127.0.0.1"),
        header("X-Forwarded-Host", "other"),
        header("Impersonate-User", "system:admin"),
        header("Impersonate-Group", "system:masters"),
        header("Accept-Encoding", "gzip"),
        header("Range", "bytes=0-3"),
        header("Authorization", "Bearer mine"),
        header("Slipway-Fence", "999"),
        header("Slipway_Fence", "999"),
        header("Transfer_Encoding", "chunked"),
        malformed("x\r\nhost", "other"),
        malformed("x", "a\r\nhost: other"),
        malformed("x", "a\nhost: other"),
        malformed("x", "a\0b"),
        malformed(":authority", "other"),
        malformed("", "x"),
        malformed("host ", "other"),
        malformed("tr\u{e4}nsfer-encoding", "chunked"),
        headers("33,000 headers", &thousands),
        headers("a header of 70,000 bytes", &[("x-a", &long)]),
        headers("101 headers", &thousands[..101]),
        body_of("a body that is longer than it says", 10, "endpoint `api`: …"),
        body_of("a body that is shorter than it says", 5000, "endpoint `api`: …"),
        Row::new(
            "sixty headers",
            Request {
                headers: &thousands[..60],
                ..Request::default()
            }
            .guest(),
            gets("so many are no harm", "{\"status\":200…"),
        ),
    ]
}
