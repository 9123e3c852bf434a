//! Waiting for a file descriptor to become readable, for kinds that the runtime has no type of its own for.

use std::{io, os::fd::OwnedFd};

use tokio::io::{Interest, unix::AsyncFd};

pub(crate) fn register(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    #[expect(
        unsafe_code,
        reason = "the runtime has no safe way to wait for a handle of a process or a packet socket"
    )]
    // SAFETY: an `OwnedFd` is open for as long as it lives, always the same descriptor, and moves into the `AsyncFd`.
    let registered = unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) };
    registered.map_err(io::Error::from)
}
