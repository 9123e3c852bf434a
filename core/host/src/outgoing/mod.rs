//! Requests to endpoints: the host adds address, credentials and TLS, follows no redirect, sends nothing twice, and
//! bounds what comes back. Asked by plugins through the capability `http`, and by checks through the port.

mod body;
mod clients;
mod quiet;
mod request;
mod url;

pub(crate) use body::{Body, Stream};
pub(crate) use clients::Clients;
pub(crate) use quiet::Together;
pub(crate) use request::{Answer, Outgoing, refused};
