//! An endpoint at which plugins announce something, each thing once: it keeps what arrives, in order.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::State, routing::post};

/// Serves as long as the runtime that it was started on.
#[derive(Clone)]
pub struct Notices {
    pub url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Notices {
    pub async fn start() -> Self {
        let received = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback can be listened on");
        let address = listener.local_addr().expect("a listener has an address");
        let router = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&received));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}"),
            received,
        }
    }

    pub fn received(&self) -> Vec<String> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Those that are mentioned in a text.
    pub fn any_in(&self, text: &str) -> bool {
        self.received().iter().any(|notice| text.contains(notice))
    }

    /// How many arrived that had arrived before.
    pub fn repeated(&self) -> usize {
        let received = self.received();
        received.len() - received.iter().collect::<BTreeSet<_>>().len()
    }
}

async fn receive(State(received): State<Arc<Mutex<Vec<String>>>>, notice: String) {
    received
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(notice);
}
