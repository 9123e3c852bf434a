//! HTTP and programs: what leaves, what does not, and what comes back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::{
    collections::HashMap,
    convert::Infallible,
    fs,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::DefaultBodyLimit,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::IntoResponse,
    routing::any,
};
use futures_util::{StreamExt as _, stream};
use kit::{Arg, Guest, Tape, pairs, plain, run, text, texts, told};
use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_plugin::{Address, Call, Endpoint, Fence, Secret};

const READ: i32 = 0;
/// What a request carries.
const BYTES: i32 = 0;
const BLOB: i32 = 1;
const ARCHIVED: i32 = 2;

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let headers: HashMap<_, _> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    Json(json!({
        "method": method.as_str(),
        "uri": uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

/// Lines as they come about, and no end. The query says how many come at once, and whether half a line follows.
async fn watch(uri: Uri) -> impl IntoResponse {
    let query = uri.query().unwrap_or_default().to_owned();
    let lines = stream::once(async move {
        match query.as_str() {
            "many" => format!("{}\n", "a".repeat(1000)).repeat(1000),
            "half" => "one\ntwo p\"a55".to_owned(),
            _ => "one\ntwo\n".to_owned(),
        }
    });
    let more = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(800)).await;
        Some(("late\n".to_owned(), ()))
    });
    Body::from_stream(lines.chain(more).map(Ok::<_, Infallible>))
}

fn server() -> Router {
    let redirect = || async { (StatusCode::FOUND, [("location", "http://127.0.0.1:1/elsewhere")]) };
    let slow = || async { tokio::time::sleep(Duration::from_secs(600)).await };
    let length =
        |Json(document): Json<HashMap<String, String>>| async move { document["password"].len().to_string() };
    let in_header = |body: String| async move { (StatusCode::IM_A_TEAPOT, [("x-echo", body)]) };
    let take = |headers: HeaderMap, body: Bytes| async move {
        let length = headers["content-length"].to_str().unwrap_or_default();
        format!("{length} {}", Digest::of(&body))
    };
    Router::new()
        .route("/take", any(take))
        .layer(DefaultBodyLimit::disable())
        .route("/redirect", any(redirect))
        .route("/slow", any(slow))
        .route("/big", any(|| async { vec![b'a'; (8 << 20) + 1] }))
        .route("/fits", any(|| async { vec![b'a'; 8 << 20] }))
        .route("/binary", any(|| async { vec![0xff, 0xfe] }))
        .route("/watch", any(watch))
        .route("/length", any(length))
        .route("/in-header", any(in_header))
        .fallback(echo)
}

async fn tcp(prefix: &str) -> Address {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}{prefix}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, server()).await.unwrap() });
    Address::Url(address)
}

fn endpoint(address: Address) -> Endpoint {
    let token = Secret::new("Bearer t0ken-of-operator");
    let fence = Fence {
        scope: "shop/prod".to_owned(),
        token: 7,
    };
    Endpoint {
        headers: vec![("authorization".to_owned(), token)],
        fence: Some(fence),
        ..Endpoint::at(address)
    }
}

struct Request<'a> {
    method: &'a str,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    timeout: i32,
    quiet: i32,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            method: "GET",
            path: "/",
            headers: &[],
            body: "",
            timeout: 5000,
            quiet: 0,
        }
    }
}

fn asking(request: &Request<'_>) -> Guest {
    let Request {
        method,
        path,
        headers,
        body,
        timeout,
        quiet,
    } = request;
    let arguments = [
        text("api"),
        text(method),
        text(path),
        pairs(headers),
        Arg::Int(BYTES),
        text(body),
        Arg::Int(0),
        Arg::Int(0),
        Arg::Int(*timeout),
        Arg::Int(*quiet),
        Arg::Int(READ),
    ];
    Guest::new().call("http", "send", &arguments)
}

async fn send(address: &Address, request: Request<'_>) -> Result<Value, String> {
    let grant = |mut call: Call| {
        call.secrets.insert("db".to_owned(), Secret::new("p\"a55word"));
        call.endpoint("api", endpoint(address.clone()))
    };
    plain(told(&asking(&request), grant).await)
}

/// What the server saw.
async fn seen(address: &Address, request: Request<'_>) -> Value {
    let answer = send(address, request).await.unwrap();
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_arrives_with_what_the_host_adds() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move { axum::serve(listener, server()).await.unwrap() });
    for (address, uri) in [
        (Address::Unix(socket), "/v1/x?a=b//c&d=../e"),
        (tcp("").await, "/v1/x?a=b//c&d=../e"),
        (tcp("/base/").await, "/base/v1/x?a=b//c&d=../e"),
    ] {
        let seen = seen(
            &address,
            Request {
                method: "PUT",
                path: "/v1/x?a=b//c&d=../e",
                headers: &[("X-Own", "own")],
                body: "hello",
                timeout: 0,
                quiet: 0,
            },
        )
        .await;
        assert_eq!(
            (&seen["method"], &seen["uri"], &seen["body"]),
            (&json!("PUT"), &json!(uri), &json!("hello"))
        );
        assert_eq!(seen["headers"]["x-own"], "own");
        assert_eq!(seen["headers"]["slipway-scope"], "shop/prod");
        assert_eq!(seen["headers"]["slipway-fence"], "7");
        // It was sent, and the guest sees it masked.
        assert_eq!(seen["headers"]["authorization"], "***");
    }
}

#[tokio::test]
async fn no_path_leaves_its_endpoint() {
    let address = tcp("/base").await;
    for path in [
        "",
        "x",
        "http://other/",
        "//other/x",
        "/a//b",
        "/../x",
        "/a/../../x",
        "/a/./b",
        "/%2e%2e/x",
        "/.%2E/x",
        "/..%2fx",
        "/..;a/x",
        "/a%00",
        "/a\\..\\b",
        "/a b",
        "/a\r\nX-Evil: 1",
        "/a#b",
        "/\u{fc}",
        "@other/",
        "\t/x",
        "/a/..",
        "?x",
    ] {
        let refused = send(
            &address,
            Request {
                path,
                ..Request::default()
            },
        )
        .await
        .unwrap_err();
        assert!(refused.starts_with("path `"), "{path}: {refused}");
    }
    for path in ["/..a/b..", "/a?b=/../c", "/%41/b%2fc"] {
        let seen = seen(
            &address,
            Request {
                path,
                ..Request::default()
            },
        )
        .await;
        assert_eq!(seen["uri"], format!("/base{path}"));
    }
}

#[tokio::test]
async fn methods_and_headers_of_the_host_are_its_own() {
    let address = tcp("").await;
    for method in ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nX:", ""] {
        let refused = send(
            &address,
            Request {
                method,
                ..Request::default()
            },
        )
        .await
        .unwrap_err();
        assert!(refused.starts_with("method `"), "{method}: {refused}");
    }
    for header in [
        "Slipway-Scope",
        "slipway-fence",
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "accept-encoding",
        "AUTHORIZATION",
    ] {
        let headers = &[(header, "x")][..];
        let refused = send(
            &address,
            Request {
                headers,
                ..Request::default()
            },
        )
        .await
        .unwrap_err();
        assert_eq!(
            refused,
            format!("header `{}` is the host's to set", header.to_lowercase())
        );
    }
    for header in [("x-evil", "a\r\nhost: b"), ("x\r\ny", "z"), ("", "x")] {
        send(
            &address,
            Request {
                headers: &[header],
                ..Request::default()
            },
        )
        .await
        .unwrap_err();
    }
}

#[tokio::test]
async fn secrets_are_put_in_on_the_way_out_and_masked_on_the_way_back() {
    let address = tcp("").await;
    let tape = Tape::new();
    let guest = asking(&Request {
        method: "POST",
        headers: &[
            ("content-type", "application/json"),
            ("x-token", "v=${secret.db}"),
        ],
        body: r#"{"password":"${secret.db}"}"#,
        ..Request::default()
    });
    let mut call = Call::new(tape.clone()).endpoint("api", endpoint(address.clone()));
    call.secrets.insert("db".to_owned(), Secret::new("p\"a55word"));
    run(&guest, call).await.unwrap();
    let answer = tape.outcomes().remove(0).unwrap();
    let seen: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(seen["body"], r#"{"password":"${secret.db}"}"#);
    assert_eq!(seen["headers"]["x-token"], "v=${secret.db}");
    let record = format!("{:?}{:?}", tape.effects(), tape.outcomes());
    assert!(record.contains("${secret.db}"), "{record}");
    assert!(
        !record.contains("a55word") && !record.contains("t0ken"),
        "{record}"
    );

    // What arrived was a document, with the quote in the value written as documents write it.
    let document = Request {
        path: "/length",
        headers: &[("content-type", "application/json")],
        body: r#"{"password":"${secret.db}"}"#,
        ..Request::default()
    };
    assert_eq!(send(&address, document).await.unwrap()["body"], "9");

    let plain = Request {
        path: "/in-header",
        body: "${secret.db}",
        ..Request::default()
    };
    let answer = send(&address, plain).await.unwrap();
    assert_eq!(answer["status"], 418);
    assert!(
        answer["headers"]
            .to_string()
            .contains(r#"["x-echo","${secret.db}"]"#),
        "{answer}"
    );
    let unknown = Request {
        body: "${secret.none}",
        ..Request::default()
    };
    assert_eq!(
        send(&address, unknown).await.unwrap_err(),
        "there is no secret `none`"
    );
}

#[tokio::test]
async fn what_goes_on_being_told_is_answered_as_soon_as_it_is_quiet() {
    let address = tcp("").await;
    let get = async |path, timeout| {
        let request = Request {
            path,
            timeout,
            quiet: 100,
            ..Request::default()
        };
        let began = Instant::now();
        let told = send(&address, request).await;
        (told.map(|answer| answer["body"].clone()), began.elapsed())
    };
    let (told, took) = get("/watch", 5000).await;
    assert_eq!(told.unwrap(), "one\ntwo\n");
    assert!(took < Duration::from_millis(700), "{took:?}");
    // Half a line, and in it the half of a secret, is left for another time.
    assert_eq!(get("/watch?half", 5000).await.0.unwrap(), "one\n");
    let (told, _) = get("/watch?many", 5000).await;
    let length = told.unwrap().as_str().unwrap().len();
    assert!(
        (256 << 10..600 << 10).contains(&length) && length % 1001 == 0,
        "{length}"
    );
    // What ends is whole, and where nothing comes time is up.
    assert_eq!(get("/binary", 5000).await.0.unwrap(), json!({ "base64": "//4=" }));
    let (told, took) = get("/slow", 300).await;
    assert_eq!(told.unwrap_err(), "endpoint `api` did not answer within 0.3 s");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn answers_are_told_as_they_are_and_bounded() {
    let address = tcp("").await;
    let get = async |path| {
        send(
            &address,
            Request {
                path,
                ..Request::default()
            },
        )
        .await
    };
    let redirect = get("/redirect").await.unwrap();
    assert_eq!(redirect["status"], 302);
    assert_eq!(get("/binary").await.unwrap()["body"], json!({ "base64": "//4=" }));
    assert_eq!(
        get("/fits").await.unwrap()["body"].as_str().unwrap().len(),
        8 << 20
    );
    assert_eq!(
        get("/big").await.unwrap_err(),
        "endpoint `api` answered more than 8 MiB"
    );
    let slow = send(
        &address,
        Request {
            path: "/slow",
            timeout: 50,
            ..Request::default()
        },
    )
    .await;
    assert_eq!(slow.unwrap_err(), "endpoint `api` did not answer within 0.05 s");
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_told_without_its_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for address in [
        Address::Url(format!("http://127.0.0.1:{port}")),
        Address::Unix("/nowhere/agent.sock".into()),
    ] {
        let problem = send(&address, Request::default()).await.unwrap_err();
        assert!(problem.starts_with("endpoint `api`: "), "{problem}");
        assert!(problem.contains("os error"), "{problem}");
    }
    let guest = asking(&Request::default());
    let other = endpoint(Address::Unix("/x".into()));
    let refused = told(&guest, |call: Call| call.endpoint("agent", other))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no endpoint `api` is granted (granted: agent)"
    );
}

async fn program(program: &str, arguments: &[&str], stdin: &str, timeout: i32) -> Result<Value, String> {
    let guest = Guest::new().call(
        "exec",
        "run",
        &[
            text("local"),
            text(program),
            texts(arguments),
            pairs(&[("GREETING", "hello")]),
            text(stdin),
            Arg::Int(timeout),
            Arg::Int(READ),
        ],
    );
    let grant = |mut call: Call| {
        call.hosts.push("local".to_owned());
        call.secrets.insert("db".to_owned(), Secret::new("p4ssword"));
        call
    };
    plain(told(&guest, grant).await)
}

#[tokio::test]
async fn a_program_runs_with_nothing_but_what_it_is_given() {
    let ran = program(
        "sh",
        &["-c", "cat; env | sort; pwd; echo oops >&2; exit 3"],
        "in\n",
        0,
    )
    .await
    .unwrap();
    assert_eq!(ran["code"], 3);
    assert_eq!(ran["stderr"], "oops\n");
    let stdout = ran["stdout"].as_str().unwrap();
    let own = |line: &&str| !["PWD=/", "SHLVL=0", "SHLVL=1", "_=/usr/bin/env", "OLDPWD=/"].contains(line);
    let lines: Vec<&str> = stdout.lines().filter(own).collect();
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(lines, ["in", "GREETING=hello", path, "/"]);
    assert_eq!(
        program("echo", &["a b", "$(id)", "p4ssword"], "", 0)
            .await
            .unwrap()["stdout"],
        "a b $(id) ${secret.db}\n"
    );
}

#[tokio::test]
async fn a_program_is_bounded() {
    let slow = program("sh", &["-c", "sleep 600 & sleep 600"], "", 50)
        .await
        .unwrap_err();
    assert_eq!(slow, "program `sh`: did not end within 0.05 s and was killed");
    let loud = program("sh", &["-c", "yes"], "", 0).await.unwrap_err();
    assert_eq!(loud, "program `sh`: it wrote more than 1 MiB");
    let none = program("no-such-program", &[], "", 0).await.unwrap_err();
    assert_eq!(
        none,
        "program `no-such-program`: No such file or directory (os error 2)"
    );
    let guest = Guest::new().call(
        "exec",
        "run",
        &[
            text("local"),
            text("true"),
            texts(&[]),
            pairs(&[]),
            text(""),
            Arg::Int(0),
            Arg::Int(0),
        ],
    );
    let refused = told(&guest, |call| call).await.unwrap_err();
    assert_eq!(refused.message, "no host `local` is granted");
}

/// What the server says of a body that the host streams: what is sent, of the bytes that are kept as a blob.
async fn taken(content: &[Arg], kept: &[u8], named: Digest) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("blob");
    fs::write(&file, kept).unwrap();
    let address = tcp("").await;
    let before = [text("api"), text("PUT"), text("/take"), pairs(&[])];
    let after = [Arg::Int(5000), Arg::Int(0), Arg::Int(READ)];
    let arguments = [&before, content, &after].concat();
    let guest = Guest::new().call("http", "send", &arguments);
    let grant = |call: Call| {
        let call = call.endpoint("api", endpoint(address.clone()));
        call.blob(named, &file, kept.len() as u64)
    };
    let answer = plain(told(&guest, grant).await)?;
    Ok(answer["body"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_blob_is_streamed() {
    // More than a plugin could hold, or is under way at once.
    let big: Vec<u8> = (0..40_u32 << 18).flat_map(u32::to_le_bytes).collect();
    let digest = Digest::of(&big);
    let blob = |name: &str| [Arg::Int(BLOB), text(name), Arg::Int(0), Arg::Int(0)];
    let taken_whole = taken(&blob(&digest.to_string()), &big, digest).await;
    assert_eq!(taken_whole, Ok(format!("{} {digest}", big.len())));
    // Neither secrets nor anything else is looked for in it.
    let text = b"${secret.db} and ${secret.none}";
    let digest = Digest::of(text);
    let as_it_is = taken(&blob(&digest.to_string()), text, digest).await;
    assert_eq!(as_it_is, Ok(format!("{} {digest}", text.len())));
    let damaged = taken(&blob(&digest.to_string()), b"other", digest)
        .await
        .unwrap_err();
    assert!(damaged.contains("the bytes kept as blob"), "{damaged}");
    let other = Digest::of(b"other").to_string();
    let stranger = taken(&blob(&other), text, digest).await.unwrap_err();
    assert!(stranger.contains("was not handed to this call"), "{stranger}");
}

#[tokio::test]
async fn a_file_of_an_archive_is_streamed() {
    let disk = vec![7; 3 << 20];
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in [
        ("vm.ovf", &b"<Envelope/>"[..]),
        ("disk.vmdk", &disk),
        ("after", b"x"),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, bytes).unwrap();
    }
    let archive = tar.into_inner().unwrap();
    let digest = Digest::of(&archive);
    let named = |path: &str| [Arg::Int(ARCHIVED), text(digest.to_string()), text(path)];
    let sent = taken(&named("disk.vmdk"), &archive, digest).await;
    assert_eq!(sent, Ok(format!("{} {}", disk.len(), Digest::of(&disk))));
    let absent = taken(&named("disk.qcow2"), &archive, digest).await.unwrap_err();
    assert!(absent.contains("has no file `disk.qcow2`"), "{absent}");
    let cut = &archive[..archive.len() / 2];
    let of_cut = [
        Arg::Int(ARCHIVED),
        text(Digest::of(cut).to_string()),
        text("after"),
    ];
    let broken = taken(&of_cut, cut, Digest::of(cut)).await.unwrap_err();
    assert!(
        broken.contains(&format!("archive {}: ", Digest::of(cut))),
        "{broken}"
    );
}
