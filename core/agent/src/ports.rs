//! Free ports for instances, from below the range that the kernel takes ports of outgoing connections from: so a
//! port is not lost to a passing connection between choosing it and the instance's listening on it.

use std::{
    collections::BTreeSet,
    fs,
    hash::{BuildHasher, RandomState},
    io,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
};

const LOWEST: u16 = 10_000;

pub(crate) fn free(taken: &BTreeSet<u16>) -> io::Result<u16> {
    let range = range();
    let size = usize::from(range.end - range.start);
    // Agents of different folders do not know of each other: each begins elsewhere.
    let begin = usize::try_from(RandomState::new().hash_one(0) % size as u64).unwrap_or(0);
    range
        .clone()
        .cycle()
        .skip(begin)
        .take(size)
        .find(|port| !taken.contains(port) && is_free(*port))
        .ok_or_else(|| {
            io::Error::other(format!(
                "no port from {} to {} is free",
                range.start,
                range.end - 1
            ))
        })
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

fn range() -> Range<u16> {
    let outgoing = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let begin: u16 = outgoing
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(32_768);
    if begin > LOWEST + 1000 {
        LOWEST..begin
    } else {
        20_000..60_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_ones_are_left_alone() {
        let first = free(&BTreeSet::new()).unwrap();
        let all_but_first: BTreeSet<u16> = range().filter(|port| *port != first).collect();
        assert_eq!(free(&all_but_first).unwrap(), first);
        let _user = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert!(!is_free(first));
        assert!(free(&all_but_first).is_err());
    }
}
