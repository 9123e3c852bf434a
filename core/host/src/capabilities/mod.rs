//! What a plugin can ask of the host, one capability a file. Each says its request as it is recorded, its effect class
//! and what is performed; the recording is `effect`'s, the granting is the call's.

mod blobs;
mod clock;
mod exec;
mod files;
mod http;
mod log;
mod progress;
mod registry;
mod state;

pub(crate) use http::Clients;

use slipway_plugin::{Failure, FailureKind};
use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::imports, session::Session};

/// Links the capabilities of these names, and nothing else.
pub(crate) fn link(linker: &mut Linker<Session>, names: &[String]) -> wasmtime::Result<()> {
    imports::types::add_to_linker::<_, HasSelf<Session>>(linker, |session| session)?;
    for name in names {
        let add = match name.as_str() {
            "log" => imports::log::add_to_linker::<_, HasSelf<Session>>,
            "progress" => imports::progress::add_to_linker::<_, HasSelf<Session>>,
            "files" => imports::files::add_to_linker::<_, HasSelf<Session>>,
            "blobs" => imports::blobs::add_to_linker::<_, HasSelf<Session>>,
            "http" => imports::http::add_to_linker::<_, HasSelf<Session>>,
            "exec" => imports::exec::add_to_linker::<_, HasSelf<Session>>,
            "registry" => imports::registry::add_to_linker::<_, HasSelf<Session>>,
            "clock" => imports::clock::add_to_linker::<_, HasSelf<Session>>,
            "state" => imports::state::add_to_linker::<_, HasSelf<Session>>,
            other => return Err(wasmtime::Error::msg(format!("there is no capability `{other}`"))),
        };
        add(linker, |session| session)?;
    }
    Ok(())
}

impl imports::types::Host for Session {}

/// Runs what blocks (files, archives) beside the program. Once begun it goes on to its end, which its own bounds set.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Failure::new(FailureKind::Failed, error.to_string())))
}

/// What a call was not granted, and what it was.
pub(crate) fn not_granted<'a>(what: &str, name: &str, granted: impl Iterator<Item = &'a String>) -> Failure {
    let granted: Vec<&str> = granted.map(String::as_str).collect();
    let failure = Failure::new(FailureKind::Refused, format!("no {what} `{name}` is granted"));
    if granted.is_empty() {
        failure
    } else {
        failure.hint(format!("granted: {}", granted.join(", ")))
    }
}
