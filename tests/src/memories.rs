//! What plugins have in their memories while a run goes, seen from outside.

use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom},
    process::{Child, Command},
    time::Duration,
};

use crate::{holds, holds_one};

/// How far a memory may grow is reserved behind it.
const RESERVED: u64 = 1 << 31;

#[derive(Debug, Default)]
pub struct Seen {
    /// Of plugins, while they were looked at.
    pub memories: usize,
    /// Those with a familiar text in them.
    pub familiar: usize,
    /// Whether the host has the first of what is searched for, who needs it.
    pub host: bool,
    pub leaks: Vec<String>,
}

/// Stops a process again and again and looks at the memories of its plugins, until it ends. `familiar` are texts that
/// plugins are known to have: that they are found shows that the search finds what is there.
pub fn watch_memories(run: &Child, needles: &[String], familiar: [&str; 2]) -> Seen {
    let mut seen = Seen::default();
    let signal = |name: &str| {
        let status = Command::new("kill").args([name, &run.id().to_string()]).status();
        status.is_ok_and(|status| status.success())
    };
    let id = run.id();
    while signal("-STOP") {
        look(id, needles, familiar, &mut seen);
        signal("-CONT");
        std::thread::sleep(Duration::from_millis(10));
        if fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            break;
        }
    }
    seen
}

fn look(id: u32, needles: &[String], familiar: [&str; 2], seen: &mut Seen) {
    let (Ok(maps), Ok(mut memory)) = (
        fs::read_to_string(format!("/proc/{id}/maps")),
        fs::File::open(format!("/proc/{id}/mem")),
    ) else {
        return;
    };
    let maps: Vec<_> = maps.lines().filter_map(mapping).collect();
    for (position, (start, end, rights)) in maps.iter().enumerate() {
        let reserved = maps.get(position + 1).is_some_and(|(next, end_of_next, rights)| {
            next == end && rights.starts_with("---") && end_of_next - next > RESERVED
        });
        let heap = !seen.host && *rights == "rw-p" && !reserved && end - start < RESERVED;
        if *rights != "rw-p" || !(reserved || heap) {
            continue;
        }
        let mut bytes = vec![0; usize::try_from(end - start).expect("it fits into memory")];
        let read = memory
            .seek(SeekFrom::Start(*start))
            .and_then(|_| memory.read_exact(&mut bytes));
        if read.is_err() {
            continue;
        }
        if heap {
            seen.host |= holds_one(&bytes, &needles[..1]);
            continue;
        }
        seen.memories += 1;
        seen.familiar += usize::from(familiar.iter().any(|text| holds(&bytes, text.as_bytes())));
        if let Some(position) = needles.iter().position(|needle| holds(&bytes, needle.as_bytes())) {
            seen.leaks.push(format!("credential {position} at {start:x}"));
        }
    }
}

fn mapping(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(start)?, number(end)?, words.next()?))
}
