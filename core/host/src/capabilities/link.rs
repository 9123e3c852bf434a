//! What a component is linked to: the capabilities that it was granted, and nothing else.

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
            "lookup" => imports::lookup::add_to_linker::<_, HasSelf<Session>>,
            other => return Err(wasmtime::Error::msg(format!("there is no capability `{other}`"))),
        };
        add(linker, |session| session)?;
    }
    Ok(())
}

impl imports::types::Host for Session {}
