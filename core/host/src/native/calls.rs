//! What a library asks of the host: the capabilities, which are the same as those of a component.

use serde::{Serialize, de::DeserializeOwned};

use super::cbor;
use crate::{
    bindings::imports::{blobs, clock, exec, files, http, log, lookup, progress, registry, state},
    session::Session,
};

/// A capability was asked for as it is not in the contract.
#[derive(Debug, thiserror::Error)]
pub(super) enum Nonsense {
    #[error("it asked for `{0}`, which is no function of a capability")]
    Unknown(String),
    #[error("it asked for `{0}`, and a {1} plugin is not granted that")]
    NotGranted(String, &'static str),
    #[error("it asked for `{0}` with something else than its arguments: {1}")]
    Arguments(String, cbor::Error),
}

/// Asks for `operation`, such as `http.send`. An error ends the call of the plugin.
pub(super) async fn perform(
    session: &mut Session,
    operation: &str,
    input: &[u8],
) -> wasmtime::Result<Vec<u8>> {
    macro_rules! ask {
        ($capability:ident.$function:ident($($argument:ident),*)) => {{
            let ($($argument,)*) = arguments(operation, input)?;
            answer(&<Session as $capability::Host>::$function(session, $($argument),*).await?)
        }};
    }
    match operation {
        "log.emit" => ask!(log.emit(level, message)),
        "progress.report" => ask!(progress.report(what, done, total)),
        "files.read" => ask!(files.read(folder, path)),
        "files.list-files" => ask!(files.list_files(folder, path)),
        "files.write" => ask!(files.write(folder, path, content)),
        "files.copy" => ask!(files.copy(from_folder, from, to_folder, to)),
        "files.remove" => ask!(files.remove(folder, path)),
        "blobs.entries" => ask!(blobs.entries(blob)),
        "blobs.files" => ask!(blobs.files(blob)),
        "blobs.read" => ask!(blobs.read(blob)),
        "blobs.unpack" => ask!(blobs.unpack(blob, folder, path, strip)),
        "blobs.place" => ask!(blobs.place(blob, folder, path, executable)),
        "http.send" => ask!(http.send(endpoint, request)),
        "http.send-all" => ask!(http.send_all(endpoint, requests)),
        "exec.run" => ask!(exec.run(host, command)),
        "registry.resolve" => ask!(registry.resolve(registry, repository, reference)),
        "registry.manifest" => ask!(registry.manifest(registry, repository, digest)),
        "clock.now" => ask!(clock.now()),
        "clock.sleep" => ask!(clock.sleep(ms)),
        "state.get" => ask!(state.get()),
        "state.put" => ask!(state.put(value)),
        "lookup.find" => ask!(lookup.find(api_version, kind, namespace, name)),
        "lookup.capabilities" => ask!(lookup.capabilities()),
        other => Err(Nonsense::Unknown(other.escape_debug().to_string()).into()),
    }
}

fn arguments<T: DeserializeOwned>(operation: &str, input: &[u8]) -> Result<T, Nonsense> {
    cbor::from_slice(input).map_err(|error| Nonsense::Arguments(operation.to_owned(), error))
}

fn answer<T: Serialize>(value: &T) -> wasmtime::Result<Vec<u8>> {
    Ok(cbor::to_vec(value)?)
}
