//! A small web server for this crate's tests and benchmark, on `PORT`. Says who it is on `/`, answers after `?MS` on
//! `/slow`, echoes bodies on `/echo`, streams on `/stream`, changes the protocol on `/upgrade`, shows its environment
//! and the headers it got on `/env` and `/headers`, and ends on `/exit?CODE`.

use std::{convert::Infallible, env, error::Error, process, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpListener, time::sleep};

type Body = BoxBody<Bytes, hyper::Error>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::var("PORT")?.parse()?;
    let delay = env::var("START_MS").map_or(Ok(0), |text| text.parse())?;
    sleep(Duration::from_millis(delay)).await;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let builder = auto::Builder::new(TokioExecutor::new());
            // How a connection ends is the other side's affair.
            let _ended = builder
                .serve_connection_with_upgrades(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let number = request
        .uri()
        .query()
        .and_then(|query| query.parse::<u64>().ok())
        .unwrap_or(0);
    Ok(match request.uri().path() {
        "/slow" => {
            sleep(Duration::from_millis(number)).await;
            text("slow\n")
        }
        "/echo" => Response::new(request.into_body().boxed()),
        "/stream" => {
            let (chunks, waiting) = tokio::sync::mpsc::channel(1);
            tokio::spawn(async move {
                for at in 0..number {
                    sleep(Duration::from_millis(5)).await;
                    if chunks
                        .send(Ok(Frame::data(Bytes::from(format!("{at}\n")))))
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            });
            let chunks = futures_util::stream::unfold(waiting, async |mut waiting| {
                waiting.recv().await.map(|chunk| (chunk, waiting))
            });
            Response::new(BodyExt::boxed(StreamBody::new(chunks)))
        }
        "/upgrade" if request.method() == Method::GET => {
            let upgrading = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let Ok(upgraded) = upgrading.await else { return };
                let mut stream = TokioIo::new(upgraded);
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            });
            let mut response = text("");
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response
                .headers_mut()
                .insert(header::UPGRADE, header::HeaderValue::from_static("echo"));
            response
                .headers_mut()
                .insert(header::CONNECTION, header::HeaderValue::from_static("upgrade"));
            response
        }
        "/headers" => {
            let lines = request.headers().iter();
            text(
                &lines
                    .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")))
                    .collect::<String>(),
            )
        }
        "/env" => {
            let mut lines: Vec<String> = env::vars()
                .map(|(key, value)| format!("{key}={value}\n"))
                .collect();
            lines.sort();
            text(&lines.concat())
        }
        "/exit" => process::exit(i32::try_from(number).unwrap_or(1)),
        _ => text(&format!(
            "{} {}\n",
            env::var("SLIPWAY_INSTANCE").unwrap_or_default(),
            process::id()
        )),
    })
}

fn text(text: &str) -> Response<Body> {
    let body = Full::new(Bytes::from(text.to_owned())).map_err(|never: Infallible| match never {});
    Response::new(body.boxed())
}
