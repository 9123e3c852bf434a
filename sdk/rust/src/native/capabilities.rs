//! The capabilities as the contract has them, asked of whoever has loaded the library.

macro_rules! capability {
    ($module:ident { $($name:literal $function:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* }) => {
        pub mod $module {
            #[allow(unused_imports, unreachable_pub, reason = "not every capability has types of its own")]
            pub use crate::bindings::capabilities::slipway::plugin::$module::*;

            $(pub fn $function($($argument: $type),*) -> $answer {
                crate::native::entry::ask($name, &($($argument,)*))
            })*
        }
    };
}

capability!(log {
    c"log.emit" emit(level: Level, message: &str) -> ();
});

capability!(progress {
    c"progress.report" report(what: &str, done: u64, total: Option<u64>) -> ();
});

capability!(files {
    c"files.read" read(folder: &str, path: &str) -> Result<Vec<u8>, Failure>;
    c"files.list-files" list_files(folder: &str, path: &str) -> Result<Vec<Entry>, Failure>;
    c"files.write" write(folder: &str, path: &str, content: &[u8]) -> Result<(), Failure>;
    c"files.copy" copy(from_folder: &str, from: &str, to_folder: &str, to: &str) -> Result<(), Failure>;
    c"files.remove" remove(folder: &str, path: &str) -> Result<(), Failure>;
});

capability!(blobs {
    c"blobs.entries" entries(blob: &str) -> Result<Vec<ArchiveEntry>, Failure>;
    c"blobs.files" files(blob: &str) -> Result<Vec<File>, Failure>;
    c"blobs.read" read(blob: &str) -> Result<Vec<u8>, Failure>;
    c"blobs.unpack" unpack(blob: &str, folder: &str, path: &str, strip: u32) -> Result<(), Failure>;
    c"blobs.place" place(blob: &str, folder: &str, path: &str, executable: bool) -> Result<(), Failure>;
});

capability!(http {
    c"http.send" send(endpoint: &str, request: &Request) -> Result<Response, Failure>;
    c"http.send-all" send_all(endpoint: &str, requests: &[Request]) -> Result<Vec<Result<Response, Failure>>, Failure>;
});

capability!(exec {
    c"exec.run" run(host: &str, command: &Command) -> Result<Output, Failure>;
});

capability!(registry {
    c"registry.resolve" resolve(registry: &str, repository: &str, reference: &str) -> Result<Descriptor, Failure>;
    c"registry.manifest" manifest(registry: &str, repository: &str, digest: &str) -> Result<Vec<u8>, Failure>;
});

capability!(clock {
    c"clock.now" now() -> u64;
    c"clock.sleep" sleep(ms: u64) -> ();
});

capability!(state {
    c"state.get" get() -> Result<Option<String>, Failure>;
    c"state.put" put(value: &str) -> Result<(), Failure>;
});

capability!(lookup {
    c"lookup.find" find(api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Option<String>, Failure>;
    c"lookup.capabilities" capabilities() -> Result<ClusterCapabilities, Failure>;
});
