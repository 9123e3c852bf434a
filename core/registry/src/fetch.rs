//! A file from a URL whose digest is known: streamed, verified, resumed. Nothing is believed but the digest. And what a
//! URL has now, where no digest is known yet.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use slipway_model::Digest;
use url::{Position, Url};

use crate::{
    error::{Cause, Error, Result},
    http::{Access, Client, Download},
    ingest::Ingest,
    progress::{Event, Progress},
    url::is_loopback,
};

pub struct Fetch<'a> {
    pub url: &'a str,
    pub digest: Digest,
    /// Whether it may come without TLS: who named the URL knew no better, and the digest tells.
    pub plain: bool,
    /// More than this is refused.
    pub limit: u64,
    /// The file to make, in a folder that exists; other content is replaced once the right one is complete. What came of an interrupted attempt waits beside it.
    pub into: PathBuf,
    pub progress: Arc<dyn Progress>,
}

/// Brings the file, unless it is there with the right content. Answers how many bytes had to be moved.
pub async fn fetch_url(client: &Client, fetch: Fetch<'_>) -> Result<u64> {
    let Fetch { digest, limit, .. } = fetch;
    let Place { url, shown, access } = Place::of(fetch.url, fetch.plain)?;
    if is_there(&fetch.into, digest).await {
        fetch.progress.event(Event::AlreadyThere { digest, size: 0 });
        return Ok(0);
    }
    let partial = fetch.into.with_file_name(format!("{}.partial", digest.hex()));
    let ingest = Ingest {
        digest,
        operation: "fetch".to_owned(),
        source: shown.clone(),
        size: None,
        limit,
        partial,
        target: fetch.into,
        replace: true,
        progress: fetch.progress,
    };
    let open = async |offset| {
        let download = Download {
            client: client.clone(),
            access: access.clone(),
            url: url.clone(),
            size: None,
            offset,
        };
        Ok(download.stream("fetch".to_owned(), shown.clone()))
    };
    Ok(ingest.run(open).await?.unwrap_or_default())
}

/// The bytes that a URL has now, whatever they are. At most `limit`. No digest tells whether somebody on the way has changed
/// them: `plain` says that they may come without TLS all the same.
pub async fn fetch_now(client: &Client, url: &str, plain: bool, limit: u64) -> Result<Bytes> {
    let Place { url, shown, access } = Place::of(url, plain)?;
    let asked = client.send(&access, &[], |http| http.get(url.clone())).await;
    let response = asked.map_err(|cause| Error::new("fetch", &shown, cause))?;
    let body = client.body(response, limit).await;
    body.map_err(|cause| Error::new("fetch", &shown, cause))
}

/// The host that a URL leads to over a network and without TLS, if it does.
#[must_use]
pub fn without_tls(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
    (url.scheme() == "http" && !is_loopback(&host)).then_some(host)
}

/// A URL that may be asked.
struct Place {
    url: Url,
    /// Queries may be signed, and user information is a secret: neither is shown.
    shown: String,
    access: Access,
}

impl Place {
    fn of(url: &str, plain: bool) -> Result<Self> {
        let fail = |place: &str, cause| Error::new("fetch", place, cause);
        let url = Url::parse(url)
            .map_err(|error| fail("a file", Cause::Malformed(format!("not a URL: {error}"))))?;
        let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
        let shown = format!("{}://{host}{}", url.scheme(), url.path());
        let good = match url.scheme() {
            "https" => true,
            "http" => plain || is_loopback(&host),
            _ => false,
        };
        if !good {
            return Err(fail(
                &shown,
                Cause::Unsupported("only https is fetched; give an https URL".to_owned()),
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let cause = "a URL cannot hold credentials; configure them for the host".to_owned();
            return Err(fail(&shown, Cause::Unsupported(cause)));
        }
        let access = Access {
            host,
            origin: url.clone(),
            scopes: Vec::new(),
        };
        Ok(Self { url, shown, access })
    }
}

async fn is_there(file: &std::path::Path, digest: Digest) -> bool {
    let file = file.to_owned();
    let hash = move || {
        let mut hasher = Writer::default();
        std::io::copy(&mut std::fs::File::open(file).ok()?, &mut hasher).ok()?;
        Some(hasher.0.finish())
    };
    tokio::task::spawn_blocking(hash).await.ok().flatten() == Some(digest)
}

#[derive(Default)]
struct Writer(slipway_model::Hasher);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
