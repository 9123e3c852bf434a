//! Answers that go on for as long as there is something to tell, such as watches: taken as they are as soon as nothing
//! more comes for a moment. Of several that are asked together, the first one that tells something ends all.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// More than that is not waited for at once.
pub(super) const PIECE: usize = 256 << 10;

#[derive(Clone)]
pub(crate) struct Quiet {
    /// How long nothing has come.
    pub(super) pause: Duration,
    told: Arc<watch::Sender<bool>>,
}

/// Those that are asked together.
#[derive(Clone, Default)]
pub(crate) struct Together(Arc<watch::Sender<bool>>);

impl Together {
    /// None for an answer that is waited for as a whole.
    pub(crate) fn quiet(&self, pause_ms: u32) -> Option<Quiet> {
        (pause_ms > 0).then(|| Quiet {
            pause: Duration::from_millis(pause_ms.into()),
            told: self.0.clone(),
        })
    }
}

impl Quiet {
    pub(super) fn told(&self) {
        self.told.send_replace(true);
    }

    /// Until one of them has told something.
    pub(super) async fn any_told(&self) {
        // The sender is here, so that there is one.
        let _ = self.told.subscribe().wait_for(|told| *told).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Instant};

    use axum::{Router, body::Body, routing::get};
    use futures_util::{StreamExt as _, stream};
    use slipway_plugin::{Address, Endpoint, Failure, Mask};

    use super::*;
    use crate::outgoing::{Clients, Outgoing};

    /// Headers at once, a line after a while, and no end; none without a line.
    fn telling(line: Option<&'static str>) -> Body {
        let line = stream::iter(line).then(|line| async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok::<_, Infallible>(line)
        });
        Body::from_stream(line.chain(stream::pending()))
    }

    async fn ask(endpoint: &Endpoint, path: &str, together: &Together) -> Result<String, Failure> {
        let timeout = Duration::from_secs(20);
        let asked = Outgoing::new("it".to_owned(), endpoint, ("GET", path), timeout)?;
        let asked = asked.quiet(together.quiet(50));
        let answer = asked.send(&Clients::default(), &Mask::default(), 1000).await?;
        Ok(String::from_utf8(answer.body).expect("text"))
    }

    #[tokio::test]
    async fn the_first_that_tells_something_ends_all() {
        let unbegun = || async { tokio::time::sleep(Duration::from_secs(600)).await };
        let router = Router::new()
            .route("/tells", get(async || telling(Some("told\n"))))
            .route("/silent", get(async || telling(None)))
            .route("/unbegun", get(unbegun));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (endpoint, together) = (Endpoint::at(Address::Url(address)), Together::default());
        let began = Instant::now();
        let told = tokio::join!(
            ask(&endpoint, "/tells", &together),
            ask(&endpoint, "/silent", &together),
            ask(&endpoint, "/unbegun", &together),
        );
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!((told.0, told.1), (Ok("told\n".to_owned()), Ok(String::new())));
        let problem = told.2.expect_err("nothing has come of it").message;
        assert_eq!(problem, "it had not begun to answer when another was answered");
    }
}
