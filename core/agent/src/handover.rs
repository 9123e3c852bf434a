//! What keeper and worker tell each other, on a socket pair that is the worker's standard input: listening sockets
//! to hold (so that no queued connection is lost when the worker dies) and how orphaned processes ended.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::{Deserialize, Serialize};
use tokio::io::{Interest, unix::AsyncFd};

use crate::readable;

const LIMIT: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Message {
    /// A listening socket goes with it: hold it under this key.
    Hold(String),
    Release(String),
    Exit(Exit),
    /// All that was held has been said.
    Begin,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exit {
    pub(crate) pid: u32,
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

pub(crate) struct Channel(AsyncFd<OwnedFd>);

/// One end for this process, one for a child's standard input.
pub(crate) fn pair() -> io::Result<(Channel, OwnedFd)> {
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )?;
    Ok((Channel::new(ours)?, theirs))
}

/// The other end, if standard input is one.
pub(crate) fn inherited() -> io::Result<Option<Channel>> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    match rustix::net::sockopt::socket_type(&input) {
        Ok(SocketType::SEQPACKET) => Channel::new(input).map(Some),
        _ => Ok(None),
    }
}

impl Channel {
    fn new(socket: OwnedFd) -> io::Result<Self> {
        readable::register(socket).map(Self)
    }

    /// Never waits: messages are small and few, and the kernel keeps hundreds.
    pub(crate) fn send(&self, message: &Message, socket: Option<&OwnedFd>) -> io::Result<()> {
        let text = serde_json::to_vec(message)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut extra = SendAncillaryBuffer::new(&mut space);
        let sockets = socket.map(|socket| [socket.as_fd()]);
        if let Some(sockets) = &sockets {
            extra.push(SendAncillaryMessage::ScmRights(sockets));
        }
        rustix::net::sendmsg(
            self.0.get_ref(),
            &[IoSlice::new(&text)],
            &mut extra,
            SendFlags::NOSIGNAL,
        )?;
        Ok(())
    }

    /// `None` once the other side has ended.
    pub(crate) async fn receive(&self) -> io::Result<Option<(Message, Option<OwnedFd>)>> {
        let received = self.0.async_io(Interest::READABLE, receive).await;
        match received {
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
            other => other,
        }
    }

    /// What has arrived already, without waiting.
    pub(crate) fn received(&self) -> Option<(Message, Option<OwnedFd>)> {
        receive(self.0.get_ref()).ok().flatten()
    }
}

fn receive(socket: &OwnedFd) -> io::Result<Option<(Message, Option<OwnedFd>)>> {
    let mut text = [0; LIMIT];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    let message = rustix::net::recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut text)],
        &mut extra,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let held = extra
        .drain()
        .filter_map(|part| match part {
            RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
            _ => None,
        })
        .next();
    if message.bytes == 0 {
        return Ok(None);
    }
    Ok(Some((serde_json::from_slice(&text[..message.bytes])?, held)))
}
