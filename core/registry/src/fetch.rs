//! A file from an https URL whose digest is known: streamed, verified, resumed. Nothing is believed but the digest.

use std::{path::PathBuf, sync::Arc};

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
    /// More than this is refused.
    pub limit: u64,
    /// The file to make, in a folder that exists; other content is replaced once the right one is complete. What came of an interrupted attempt waits beside it.
    pub into: PathBuf,
    pub progress: Arc<dyn Progress>,
}

/// Brings the file, unless it is there with the right content. Answers how many bytes had to be moved.
pub async fn fetch_url(client: &Client, fetch: Fetch<'_>) -> Result<u64> {
    let Fetch { digest, limit, .. } = fetch;
    let fail = |place: &str, cause| Error::new("fetch", place, cause);
    let url = Url::parse(fetch.url)
        .map_err(|error| fail("a file", Cause::Malformed(format!("not a URL: {error}"))))?;
    // Queries may be signed, and user information is a secret: neither is shown.
    let shown = format!(
        "{}://{}{}",
        url.scheme(),
        &url[Position::BeforeHost..Position::AfterPort],
        url.path()
    );
    let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&host)) {
        return Err(fail(
            &shown,
            Cause::Unsupported("only https is fetched; give an https URL".to_owned()),
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let cause = "a URL cannot hold credentials; configure them for the host".to_owned();
        return Err(fail(&shown, Cause::Unsupported(cause)));
    }
    if is_there(&fetch.into, digest).await {
        fetch.progress.event(Event::AlreadyThere { digest, size: 0 });
        return Ok(0);
    }
    let partial = fetch.into.with_file_name(format!("{}.partial", digest.hex()));
    let access = Access {
        host,
        origin: url.clone(),
        scopes: Vec::new(),
    };
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
