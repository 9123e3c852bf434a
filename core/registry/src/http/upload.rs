//! Writing a blob to a registry: one POST that opens an upload (or mounts what another repository has), one PUT that
//! streams all of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
};
use tokio::time::Instant;
use url::Url;

use super::{
    client::{header, network},
    distribution::{Distribution, Right},
};
use crate::{
    descriptor::{Descriptor, media},
    error::{Cause, Error, Result},
    progress::{Event, Progress},
    reference::RepositoryName,
    repository::Source,
    stream::{self, BlobStream},
};

/// A registry hashes and stores a blob before it answers: its silence may last this much longer than others.
const STORING: u32 = 5;

enum Opened {
    Mounted,
    Upload(Url),
}

impl Distribution {
    /// Answers how many bytes were moved; none if the blob was there or could be mounted.
    pub(crate) async fn write_blob(
        &self,
        name: &RepositoryName,
        blob: &Descriptor,
        source: Source<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<u64, Cause> {
        let digest = blob.digest;
        let repository = format!("{}/{name}", self.host());
        let _turn = self.client.turns().wait(repository, digest).await;
        let there = Event::AlreadyThere {
            digest,
            size: blob.size,
        };
        if self.has_blob(name, blob).await? {
            progress.event(there);
            return Ok(0);
        }
        let neighbour = match &source {
            Source::Blob(repository) => repository
                .server()
                .filter(|(host, _)| *host == self.host())
                .map(|(_, name)| name),
            _ => None,
        };
        progress.event(Event::Started {
            digest,
            size: blob.size,
            offset: 0,
        });
        let mut tried = 0;
        loop {
            let url = match self
                .open_upload(name, blob, neighbour.filter(|_| tried == 0))
                .await?
            {
                Opened::Mounted => {
                    progress.event(there);
                    return Ok(0);
                }
                Opened::Upload(url) => url,
            };
            let bytes = source.open(blob, 0).await.map_err(Cause::Source)?;
            // What arrives wrong is not passed on to its end, so that no registry is left with it.
            let bytes = stream::verified(bytes, blob, source.place(blob));
            let bytes = stream::counted(bytes, blob, Arc::clone(&progress));
            match self.put(name, blob, url, bytes).await {
                Ok(()) => {
                    progress.event(Event::Done { digest });
                    return Ok(blob.size);
                }
                Err(cause) => {
                    tried += 1;
                    // A token may expire while a large blob is on its way.
                    if matches!(cause, Cause::BadCredentials { .. }) && tried == 1 {
                        self.client.forget(&self.access(name, Right::Push));
                    } else {
                        self.client.patience().wait(tried, cause).await?;
                    }
                    progress.event(Event::Restarted { digest });
                }
            }
        }
    }

    async fn open_upload(
        &self,
        name: &RepositoryName,
        blob: &Descriptor,
        neighbour: Option<&RepositoryName>,
    ) -> Result<Opened, Cause> {
        let mut url = self.url(name, "blobs/uploads/");
        let mut access = self.access(name, Right::Push);
        if let Some(neighbour) = neighbour {
            url.query_pairs_mut()
                .append_pair("mount", &blob.digest.to_string())
                .append_pair("from", neighbour.as_str());
            access.scopes.extend(self.access(neighbour, Right::Pull).scopes);
        }
        let response = self
            .client
            .send(&access, &[], |http| {
                http.post(url.clone()).header(CONTENT_LENGTH, 0)
            })
            .await?;
        if response.status() == StatusCode::CREATED {
            return Ok(Opened::Mounted);
        }
        upload_url(&url, &response, blob).map(Opened::Upload)
    }

    async fn put(
        &self,
        name: &RepositoryName,
        blob: &Descriptor,
        url: Url,
        bytes: BlobStream,
    ) -> Result<(), Cause> {
        let access = self.access(name, Right::Push);
        let watch = Watch::default();
        let body = reqwest::Body::wrap_stream(watch.over(bytes));
        let request = self.client.start(&access, &url, |http| http.put(url.clone()));
        let request = request
            .header(CONTENT_TYPE, media::OCTETS)
            .header(CONTENT_LENGTH, blob.size)
            .body(body);
        let idle = self.client.patience().idle * STORING;
        let answer = watch
            .wait(idle, async { request.send().await.map_err(network) })
            .await;
        // The connection breaks because the source did: that is the reason to tell, and it was tried again there.
        if let Some(error) = watch.source_error() {
            return Err(Cause::Source(error));
        }
        self.client.check(&access, &[], answer?).await.map(drop)
    }
}

/// Sees bytes leave, and why they stop.
#[derive(Clone)]
struct Watch(Arc<Mutex<Seen>>);

struct Seen {
    last: Instant,
    error: Option<Error>,
}

impl Default for Watch {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Seen {
            last: Instant::now(),
            error: None,
        })))
    }
}

impl Watch {
    fn over(&self, bytes: BlobStream) -> BlobStream {
        let watch = self.clone();
        let error = |watch: &Self, error: Error| {
            let stand_in = Error::new(
                "read",
                "the source",
                Cause::Unsupported("see the error that was kept".to_owned()),
            );
            watch.seen().error = Some(error);
            stand_in
        };
        let bytes = bytes.inspect_ok({
            let watch = watch.clone();
            move |_| watch.seen().last = Instant::now()
        });
        bytes
            .map(move |piece| piece.map_err(|cause| error(&watch, cause)))
            .boxed()
    }

    /// Waits for an answer as long as something moves.
    async fn wait<T>(
        &self,
        idle: Duration,
        answer: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        tokio::pin!(answer);
        loop {
            let deadline = self.seen().last + idle;
            tokio::select! {
                answer = &mut answer => return answer,
                () = tokio::time::sleep_until(deadline) => {
                    if self.seen().last + idle <= Instant::now() {
                        return Err(Cause::Idle(idle));
                    }
                }
            }
        }
    }

    fn source_error(&self) -> Option<Error> {
        self.seen().error.take()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn upload_url(asked: &Url, response: &Response, blob: &Descriptor) -> Result<Url, Cause> {
    let location = header(response, LOCATION).and_then(|location| asked.join(location).ok());
    let mut url =
        location.ok_or_else(|| Cause::Malformed("an upload was opened without saying where".to_owned()))?;
    if url.scheme() != asked.scheme() && url.scheme() != "https" {
        return Err(Cause::Unsupported(
            "the registry asks to upload without TLS, which is refused".to_owned(),
        ));
    }
    url.query_pairs_mut()
        .append_pair("digest", &blob.digest.to_string());
    Ok(url)
}
