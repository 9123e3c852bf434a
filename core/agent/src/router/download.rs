//! An answer's body on its way to the user, counted.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::pass::Passage;

/// An answer's body. The request is under way until it is dropped.
pub(super) struct Download {
    source: Source,
    passage: Option<Passage>,
}

enum Source {
    Instance(Incoming),
    Own(Full<Bytes>),
}

impl Download {
    pub(super) fn instance(body: Incoming, passage: Passage) -> Self {
        Self {
            source: Source::Instance(body),
            passage: Some(passage),
        }
    }

    /// Without a passage the request goes on elsewhere, in a tunnel.
    pub(super) fn own(text: &'static str, passage: Option<Passage>) -> Self {
        Self {
            source: Source::Own(Full::new(Bytes::from_static(text.as_bytes()))),
            passage,
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let frame = match &mut this.source {
            Source::Instance(body) => Pin::new(body).poll_frame(context),
            Source::Own(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
        };
        if let (Poll::Ready(Some(Ok(frame))), Some(passage)) = (&frame, &mut this.passage) {
            passage.sent(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Instance(body) => body.is_end_stream(),
            Source::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Instance(body) => body.size_hint(),
            Source::Own(body) => body.size_hint(),
        }
    }
}
