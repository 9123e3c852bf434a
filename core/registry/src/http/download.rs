//! A body that mends itself: where the connection breaks it goes on from there, by `Range` if the server knows that.

use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, RANGE},
};
use url::Url;

use super::client::{Access, Client, header, network};
use crate::{
    error::{Cause, OrFail as _},
    stream::BlobStream,
};

/// This much without a break, and earlier breaks are forgiven.
const FORGIVEN: u64 = 1024 * 1024;

pub(crate) struct Download {
    pub(crate) client: Client,
    pub(crate) access: Access,
    pub(crate) url: Url,
    /// Where it is known.
    pub(crate) size: Option<u64>,
    /// The next byte.
    pub(crate) offset: u64,
}

struct State {
    download: Download,
    response: Option<Response>,
    /// Bytes that come again, because the server began at the beginning.
    skip: u64,
    breaks: u32,
    since: u64,
}

impl Download {
    /// The bytes from `offset` on, not verified; ends at `size` or fails. The names are for messages.
    pub(crate) fn stream(self, operation: String, place: String) -> BlobStream {
        let state = State {
            download: self,
            response: None,
            skip: 0,
            breaks: 0,
            since: 0,
        };
        Box::pin(stream::try_unfold(state, move |mut state| {
            let (operation, place) = (operation.clone(), place.clone());
            async move {
                let piece = state.next().await.or_fail(operation, place)?;
                Ok(piece.map(|piece| (piece, state)))
            }
        }))
    }
}

impl State {
    async fn next(&mut self) -> Result<Option<Bytes>, Cause> {
        loop {
            if self
                .download
                .size
                .is_some_and(|size| self.download.offset >= size)
            {
                return Ok(None);
            }
            match self.piece().await {
                Ok(Some(mut piece)) => {
                    let again =
                        piece.split_to(usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len()));
                    self.skip -= again.len() as u64;
                    if piece.is_empty() {
                        continue;
                    }
                    self.download.offset += piece.len() as u64;
                    self.since += piece.len() as u64;
                    if self.since > FORGIVEN {
                        self.breaks = 0;
                    }
                    return Ok(Some(piece));
                }
                Ok(None) => match self.download.size {
                    Some(expected) => {
                        self.broke(Cause::CutShort {
                            expected,
                            found: self.download.offset,
                        })
                        .await?
                    }
                    None => return Ok(None),
                },
                Err(cause) => self.broke(cause).await?,
            }
        }
    }

    /// What the connection gives next.
    async fn piece(&mut self) -> Result<Option<Bytes>, Cause> {
        if self.response.is_none() && !self.open().await? {
            return Ok(None);
        }
        let Some(response) = &mut self.response else {
            return Ok(None);
        };
        let idle = self.download.client.patience().idle;
        tokio::time::timeout(idle, response.chunk())
            .await
            .map_err(|_| Cause::Idle(idle))?
            .map_err(network)
    }

    async fn broke(&mut self, cause: Cause) -> Result<(), Cause> {
        // Without a response it was the opening that failed, which has been tried again already.
        if self.response.take().is_none() {
            return Err(cause);
        }
        self.breaks += 1;
        self.since = 0;
        self.download.client.patience().wait(self.breaks, cause).await
    }

    /// False if there is nothing after the offset.
    async fn open(&mut self) -> Result<bool, Cause> {
        let Download {
            client,
            access,
            url,
            size,
            offset,
        } = &self.download;
        let offset = *offset;
        let request = |http: &reqwest::Client| {
            let request = http.get(url.clone()).header(ACCEPT_ENCODING, "identity");
            if offset > 0 {
                request.header(RANGE, format!("bytes={offset}-"))
            } else {
                request
            }
        };
        let accepted: &[u16] = if offset > 0 { &[416] } else { &[] };
        let response = client.send(access, accepted, request).await?;
        let length: Option<u64> = header(&response, CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let first = match response.status() {
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(false),
            StatusCode::PARTIAL_CONTENT => {
                let range = header(&response, CONTENT_RANGE)
                    .and_then(|range| range.strip_prefix("bytes ")?.split_once('-'));
                let first = range.and_then(|(first, _)| first.parse().ok());
                first
                    .filter(|first| *first == offset)
                    .ok_or_else(|| Cause::Malformed("another part than was asked for".to_owned()))?
            }
            _ => 0,
        };
        if let (Some(size), Some(length)) = (*size, length)
            && first + length != size
        {
            return Err(Cause::Size {
                expected: size,
                found: (first + length).to_string(),
            });
        }
        self.download.size = size.or(length.map(|length| first + length));
        self.skip = offset - first;
        self.response = Some(response);
        Ok(true)
    }
}
