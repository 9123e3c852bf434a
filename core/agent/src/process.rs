//! Processes as they are known over restarts of the agent: a number that the kernel gives away again is not enough,
//! so the time of start and the boot go with it.

use std::{fs, io, os::fd::OwnedFd, time::Duration};

use rustix::process::{Pid, PidfdFlags, Signal};
use serde::{Deserialize, Serialize};

/// A second has so many wherever Linux tells them to programs.
const TICKS: u64 = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// Field 22 of `/proc/PID/stat`: clock ticks from boot to its start.
    start: u64,
    boot: String,
}

impl Process {
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        let stat = Stat::read(pid)?;
        Ok(Self {
            pid,
            start: stat.start,
            boot: boot_id()?,
        })
    }

    pub(crate) fn runs(&self) -> bool {
        let same = |stat: Stat| stat.start == self.start && !matches!(stat.state, b'Z' | b'X');
        boot_id().is_ok_and(|boot| boot == self.boot) && Stat::read(self.pid).is_ok_and(same)
    }

    /// Becomes readable when it ends. `None` if it has ended. The check after opening makes sure that it is this one.
    pub(crate) fn watch(&self) -> Option<OwnedFd> {
        let handle = rustix::process::pidfd_open(self.id()?, PidfdFlags::NONBLOCK).ok()?;
        self.runs().then_some(handle)
    }

    /// Since it began, by a clock that nobody sets.
    pub(crate) fn age(&self) -> Duration {
        let began = Duration::from_millis(self.start.saturating_mul(1000 / TICKS));
        let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
        let seconds = text.split(' ').next().and_then(|text| text.parse().ok());
        Duration::from_secs_f64(seconds.unwrap_or(0.0)).saturating_sub(began)
    }

    pub(crate) fn parent(&self) -> Option<u32> {
        Stat::read(self.pid).ok().map(|stat| stat.parent)
    }

    /// To its group, and to itself in case that it has not made its own group yet.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.id().filter(|_| self.runs()) {
            let group = rustix::process::kill_process_group(pid, signal);
            if group.is_err() && self.runs() {
                // An error means that it has just ended, which is what its watcher will tell.
                let _ended = rustix::process::kill_process(pid, signal);
            }
        }
    }

    /// What it left behind in its group, right after it ended.
    pub(crate) fn kill_rest_of_group(&self) {
        if let Some(pid) = self.id() {
            let _nobody_left = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }

    fn id(&self) -> Option<Pid> {
        i32::try_from(self.pid).ok().and_then(Pid::from_raw)
    }
}

pub(crate) fn signal_by_name(name: &str) -> Option<Signal> {
    match name.strip_prefix("SIG").unwrap_or(name) {
        "TERM" => Some(Signal::TERM),
        "INT" => Some(Signal::INT),
        "QUIT" => Some(Signal::QUIT),
        "HUP" => Some(Signal::HUP),
        "USR1" => Some(Signal::USR1),
        "USR2" => Some(Signal::USR2),
        "KILL" => Some(Signal::KILL),
        _ => None,
    }
}

struct Stat {
    state: u8,
    parent: u32,
    start: u64,
}

impl Stat {
    fn read(pid: u32) -> io::Result<Self> {
        let text = fs::read(format!("/proc/{pid}/stat"))?;
        Self::parse(&text).ok_or_else(|| io::Error::other("/proc/PID/stat has another form than expected"))
    }

    /// The program's name in brackets may hold anything, so the fields are counted from the last bracket.
    fn parse(text: &[u8]) -> Option<Self> {
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let mut fields = std::str::from_utf8(text.get(end + 1..)?)
            .ok()?
            .split_ascii_whitespace();
        let state = *fields.next()?.as_bytes().first()?;
        let parent = fields.next()?.parse().ok()?;
        let start = fields.nth(17)?.parse().ok()?;
        Some(Self { state, parent, start })
    }
}

fn boot_id() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_confuse_the_fields() {
        let line = b"7 (a) S 1) R 3 7 7 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 4711 99 1";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.state, stat.parent, stat.start), (b'R', 3, 4711));
        assert!(Stat::parse(b"7 (a").is_none());
    }

    #[test]
    fn another_start_is_another_process() {
        let own = Process::of(std::process::id()).unwrap();
        assert!(own.runs() && own.watch().is_some());
        assert!(own.age() < Duration::from_secs(24 * 3600));
        assert!(
            !Process {
                start: own.start + 1,
                ..own.clone()
            }
            .runs()
        );
        assert!(
            !Process {
                boot: "before".to_owned(),
                ..own
            }
            .runs()
        );
    }
}
