//! Requests on their way to instances: the client, and a body that knows whether a byte of it was taken.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

pub(super) type Client = legacy::Client<HttpConnector, Upload>;

const IDLE: Duration = Duration::from_secs(30);

/// A request's body, which can be handed out again as long as nobody has asked it for a byte.
#[derive(Clone)]
pub(super) struct Upload(Arc<Inner>);

struct Inner {
    taken: AtomicBool,
    body: Mutex<Incoming>,
}

impl Upload {
    pub(super) fn new(body: Incoming) -> Self {
        Self(Arc::new(Inner {
            taken: AtomicBool::new(false),
            body: Mutex::new(body),
        }))
    }

    pub(super) fn untouched(&self) -> bool {
        self.is_end_stream() || !self.0.taken.load(Ordering::Acquire)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.0.taken.store(true, Ordering::Release);
        let mut body = self.0.body.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}

pub(super) fn client(connect: Duration) -> Client {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(connect).filter(|connect| !connect.is_zero()));
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1024)
        .build(connector)
}
