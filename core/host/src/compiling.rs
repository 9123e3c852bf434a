//! Compiling what a stranger wrote: there are small functions that a compiler needs hours for, and nothing stops it in
//! the midst of one. So it has a thread of its own that nobody waits for longer than is reasonable.

use std::{thread, time::Duration};

use tokio::sync::oneshot;

use crate::limits::Reached;

/// What is given up goes on until it ends, or the program does; it holds up neither.
pub(crate) async fn within<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (done, waiting) = oneshot::channel();
    let run = move || {
        // Nobody may be waiting any more.
        drop(done.send(work()));
    };
    thread::Builder::new()
        .name("compile".to_owned())
        .spawn(run)
        .map_err(|error| format!("the thread that compiles it: {error}"))?;
    match tokio::time::timeout(time, waiting).await {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(_)) => Err("the compiler broke on it".to_owned()),
        Err(_) => Err(Reached::seconds("compiling", time).to_string()),
    }
}
