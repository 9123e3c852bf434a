//! The pipe to the host, away from where a library would write by mistake.

use std::{
    fs::File,
    io,
    os::fd::{AsFd as _, OwnedFd},
    sync::Mutex,
    thread,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{Mode, OFlags, open},
    io::fcntl_dupfd_cloexec,
    stdio,
};

use crate::native::frame::{Frame, Kind, Unreadable};

/// Below are numbers that programs use without asking.
const FIRST: i32 = 100;

pub(super) struct Pipe {
    from: Mutex<File>,
    to: Mutex<File>,
}

/// What was standard input and output is the pipe; a library that prints does so where errors go.
pub(super) fn take() -> io::Result<Pipe> {
    let from: OwnedFd = fcntl_dupfd_cloexec(stdio::stdin(), FIRST)?;
    let to: OwnedFd = fcntl_dupfd_cloexec(stdio::stdout(), FIRST)?;
    stdio::dup2_stdin(open("/dev/null", OFlags::RDONLY, Mode::empty())?)?;
    stdio::dup2_stdout(stdio::stderr())?;
    Ok(Pipe {
        from: Mutex::new(from.into()),
        to: Mutex::new(to.into()),
    })
}

impl Pipe {
    pub(super) fn read(&self) -> Result<Frame, Unreadable> {
        let from = self.from.lock().map_err(|_| Unreadable::Garbage)?;
        Frame::read(&*from)
    }

    pub(super) fn write(&self, kind: Kind, name: &str, bytes: &[u8]) -> io::Result<()> {
        let to = self.to.lock().map_err(|_| io::Error::other("it is broken"))?;
        Frame::write(kind, name, bytes, &*to)
    }

    /// Ends the process with the host, also while a library computes.
    pub(super) fn watch(&self) -> io::Result<()> {
        let to = self.to.lock().map_err(|_| io::Error::other("it is broken"))?;
        let to = to.as_fd().try_clone_to_owned()?;
        let watch = move || {
            loop {
                // Nothing but the end of whoever reads is waited for.
                let mut fds = [PollFd::new(&to, PollFlags::empty())];
                match poll(&mut fds, None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
                if fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
                    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                        .ok();
                }
            }
        };
        thread::Builder::new()
            .name("watch".to_owned())
            .stack_size(64 << 10)
            .spawn(watch)
            .map(drop)
    }
}
