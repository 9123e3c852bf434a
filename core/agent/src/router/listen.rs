//! An address that users come in by: connections are taken and served until it is closed.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{proxy, route::Route};
use crate::{
    error::{Doing, Result},
    listeners::Listeners,
};

const HEADERS: usize = 64 << 10;
const STREAMS: u32 = 256;
const PING: Duration = Duration::from_secs(30);
/// When the process has no more file descriptors, some will be free in a moment.
const BREATH: Duration = Duration::from_millis(50);

pub(super) struct Door {
    pub(super) address: SocketAddr,
    wish: SocketAddr,
    key: String,
    closing: watch::Sender<bool>,
    listeners: Arc<Listeners>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stop();
        self.listeners.release(&self.key);
    }
}

impl Door {
    /// `known`: where it was before the agent was restarted.
    pub(super) fn open(
        listeners: &Arc<Listeners>,
        route: &Arc<Route>,
        kind: &str,
        wish: SocketAddr,
        known: Option<SocketAddr>,
        header: Duration,
    ) -> Result<Self> {
        let key = format!("{kind} {wish} {}", route.name());
        let listener = listeners.tcp(&key, known.unwrap_or(wish))?;
        let address = listener.local_addr().doing("find the address of", key.as_str())?;
        let closing = watch::Sender::new(false);
        let preview = kind == "preview";
        tokio::spawn(accept(
            listener,
            Arc::clone(route),
            preview,
            header,
            closing.subscribe(),
        ));
        Ok(Self {
            address,
            wish,
            key,
            closing,
            listeners: Arc::clone(listeners),
        })
    }

    pub(super) fn serves(&self, wish: SocketAddr) -> bool {
        self.wish == wish
    }

    /// No new connections; open ones end with the request that they are at.
    pub(super) fn stop(&self) {
        self.closing.send_replace(true);
    }
}

async fn accept(
    listener: TcpListener,
    route: Arc<Route>,
    preview: bool,
    header: Duration,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        let connection = tokio::select! {
            connection = listener.accept() => connection,
            _ = closing.wait_for(|closing| *closing) => return,
        };
        match connection {
            Ok((stream, peer)) => {
                tokio::spawn(serve(
                    stream,
                    peer,
                    Arc::clone(&route),
                    preview,
                    header,
                    closing.clone(),
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    route: Arc<Route>,
    preview: bool,
    header: Duration,
    mut closing: watch::Receiver<bool>,
) {
    // Latency, not correctness.
    let _slower = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_header_list_size(HEADERS as u32)
        .max_concurrent_streams(STREAMS);
    let begun = AtomicBool::new(false);
    let service = service_fn(|request| {
        begun.store(true, Ordering::Relaxed);
        proxy::handle(Arc::clone(&route), request, peer, preview)
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Which version is spoken is found out before either version's own limit applies.
    let first = tokio::time::sleep(header);
    tokio::pin!(first);
    let mut waiting = true;
    let mut open = true;
    loop {
        tokio::select! {
            // How a user's connection ends is the user's affair.
            _ended = &mut connection => return,
            () = &mut first, if waiting => {
                if !begun.load(Ordering::Relaxed) {
                    return;
                }
                waiting = false;
            }
            _ = closing.wait_for(|closing| *closing), if open => {
                open = false;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
