//! Copying 8 x 64 MiB between two registries, ours against `skopeo copy`: times, ratio and peak memory of each.
//!
//! Every copy is a process of its own and goes to a repository of its own, in registries that have seen none of it.
#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use slipway_registry::{
    Anonymous, Client, CopyOptions, Location, ManifestBuilder, Patience, Registry, Repository, copy, media,
};

#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "made for tests, which use all of it and may panic"
)]
#[path = "../tests/it/registry.rs"]
mod registry;

use registry::{Auth, Server};

const BLOBS: u64 = 8;
const SIZE: usize = 64 << 20;
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime starts");
    match arguments.iter().position(|argument| argument == "--copy") {
        Some(place) => runtime.block_on(ours(&arguments[place + 1], &arguments[place + 2])),
        None => compare(&runtime),
    }
}

fn compare(runtime: &tokio::runtime::Runtime) {
    let program = std::env::current_exe().expect("a program knows its file");
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        // Fresh servers each time: neither side finds the blobs of the other.
        let (from, ours, theirs) = (
            Server::start(Auth::Nobody),
            Server::start(Auth::Nobody),
            Server::start(Auth::Nobody),
        );
        runtime.block_on(fill(&from));
        let place = |server: &Server| format!("{}/bench:1", server.host);
        let mut copy_ours = Command::new(&program);
        copy_ours.arg("--copy").args([place(&from), place(&ours)]);
        let mut copy_theirs = Command::new("skopeo");
        copy_theirs.args(["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"]);
        copy_theirs.args([
            format!("docker://{}", place(&from)),
            format!("docker://{}", place(&theirs)),
        ]);
        // Who goes first changes, so that a warm cache helps both.
        let (a, b) = if round % 2 == 0 {
            let a = measure(copy_ours);
            (a, measure(copy_theirs))
        } else {
            let b = measure(copy_theirs);
            (measure(copy_ours), b)
        };
        let ratio = b.0.as_secs_f64() / a.0.as_secs_f64();
        let line =
            |(time, memory): (Duration, u64)| format!("{:.2} s, {} MiB", time.as_secs_f64(), memory / 1024);
        println!(
            "round {round}: ours {}; skopeo {}; {ratio:.2} times as fast",
            line(a),
            line(b)
        );
        rounds.push((a, b));
    }
    let best = |times: Vec<Duration>| times.into_iter().min().unwrap_or_default();
    let a = best(rounds.iter().map(|(ours, _)| ours.0).collect());
    let b = best(rounds.iter().map(|(_, theirs)| theirs.0).collect());
    println!(
        "best: ours {:.2} s, skopeo {:.2} s, ratio {:.2}",
        a.as_secs_f64(),
        b.as_secs_f64(),
        b.as_secs_f64() / a.as_secs_f64()
    );
}

/// How long it took, and the most memory it had at a time in KiB.
fn measure(mut command: Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .expect("`skopeo` is installed: apt-get install skopeo");
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        if let Some(status) = child.try_wait().expect("our own child can be waited for") {
            assert!(status.success(), "{command:?} failed");
            return (start.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

async fn ours(from: &str, to: &str) {
    let client = client();
    let (from, from_location) = open(from, &client);
    let (to, to_location) = open(to, &client);
    let digest = from
        .lookup(&from_location.reference)
        .await
        .expect("the tag was pushed");
    let tag = to_location.reference.tag.as_ref();
    copy(&from, &digest, &to, tag, &CopyOptions::default())
        .await
        .expect("the copy succeeds");
}

async fn fill(server: &Server) {
    let (repository, location) = open(&format!("{}/bench:1", server.host), &client());
    let config = repository
        .push_bytes(media::EMPTY, "{}")
        .await
        .expect("the registry takes a blob");
    let mut manifest = ManifestBuilder::new("application/vnd.example", config);
    for seed in 1..=BLOBS {
        let layer = repository
            .push_bytes(media::OCTETS, noise(seed))
            .await
            .expect("the registry takes a blob");
        manifest = manifest.layer(layer);
    }
    repository
        .put_manifest(location.reference.tag.as_ref(), manifest.bytes())
        .await
        .expect("the registry takes it");
}

fn client() -> Client {
    Client::new(Anonymous, Patience::default()).expect("a client can be made")
}

fn open(place: &str, client: &Client) -> (Repository, Location) {
    let location: Location = format!("oci://{place}")
        .parse()
        .expect("the address is well-formed");
    (
        Registry::open(&location.registry, client).repository(&location.reference.repository),
        location,
    )
}

fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..SIZE / 8).flat_map(|_| next()).collect()
}
