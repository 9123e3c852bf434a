//! The process that holds a lease, named so that another process can tell for certain whether it is gone.
//!
//! A process id alone is reused; with its start time and the boot it is unique on a machine. Linux only (`/proc`).

use std::{fs, io};

use serde::{Deserialize, Serialize};
use slipway_model::RunId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub host: String,
    /// `/etc/machine-id`, where there is one: two machines may share a host name.
    pub machine: String,
    pub boot: String,
    /// Process ids of another namespace mean nothing here.
    pub pid_namespace: String,
    pub pid: u32,
    /// In clock ticks since boot, as `/proc/<pid>/stat` says.
    pub start_time: u64,
    pub run: RunId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    Alive,
    Dead,
    /// Cannot be known from here.
    Unknown,
}

impl Owner {
    /// This process, working on a run.
    pub fn current(run: RunId) -> io::Result<Self> {
        let pid = std::process::id();
        let start_time = start_time(pid)?.ok_or_else(|| io::Error::other("/proc/self is not readable"))?;
        Ok(Self {
            host: fs::read_to_string("/proc/sys/kernel/hostname")?.trim().to_owned(),
            machine: fs::read_to_string("/etc/machine-id")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id")?
                .trim()
                .to_owned(),
            pid_namespace: fs::read_link("/proc/self/ns/pid")?.to_string_lossy().into_owned(),
            pid,
            start_time,
            run,
        })
    }

    pub fn liveness(&self) -> Liveness {
        let Ok(here) = Self::current(self.run.clone()) else {
            return Liveness::Unknown;
        };
        if (&self.host, &self.machine) != (&here.host, &here.machine) {
            return Liveness::Unknown;
        }
        if self.boot != here.boot {
            return Liveness::Dead;
        }
        if self.pid_namespace != here.pid_namespace {
            return Liveness::Unknown;
        }
        match start_time(self.pid) {
            Ok(Some(start_time)) if start_time == self.start_time => Liveness::Alive,
            Ok(_) => Liveness::Dead,
            Err(_) => Liveness::Unknown,
        }
    }

    /// For a person: which process, where.
    pub fn describe(&self) -> String {
        format!("process {} on {} (run {})", self.pid, self.host, self.run)
    }
}

/// `None`: there is no such process, or what is left of it only waits for its parent.
fn start_time(pid: u32) -> io::Result<Option<u64>> {
    let stat = match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // The process went away between opening and reading.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    let after_name = stat
        .rfind(')')
        .and_then(|end| stat.get(end + 1..))
        .unwrap_or_default();
    let mut fields = after_name.split_ascii_whitespace();
    match fields.next() {
        Some("Z" | "X" | "x") => return Ok(None),
        Some(_) => {}
        None => return Err(io::Error::other(format!("/proc/{pid}/stat has an unknown form"))),
    }
    fields
        .nth(18)
        .and_then(|ticks| ticks.parse().ok())
        .map(Some)
        .ok_or_else(|| io::Error::other(format!("/proc/{pid}/stat has an unknown form")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Owner), expected: Liveness) {
        let mut owner = Owner::current("r-1".parse().unwrap()).unwrap();
        change(&mut owner);
        assert_eq!(owner.liveness(), expected, "{owner:?}");
    }

    #[test]
    fn each_part_tells() {
        check(|_| (), Liveness::Alive);
        check(|owner| owner.start_time += 1, Liveness::Dead);
        check(|owner| owner.boot = "another".into(), Liveness::Dead);
        check(|owner| owner.pid = u32::MAX, Liveness::Dead);
        check(|owner| owner.host = "another".into(), Liveness::Unknown);
        check(|owner| owner.machine = "another".into(), Liveness::Unknown);
        check(|owner| owner.pid_namespace = "another".into(), Liveness::Unknown);
    }

    #[test]
    fn a_process_that_only_waits_for_its_parent_is_dead() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let start_time_of_child = || start_time(child.id()).unwrap();
        while start_time_of_child().is_some() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
}
