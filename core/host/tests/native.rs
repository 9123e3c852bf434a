//! Native libraries: only what is trusted is loaded, and whatever it does is an error of its call and of nothing else.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

mod kit;

use std::{
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use kit::{Tape, place};
use slipway_host::{Host, Limits, Native};
use slipway_model::Digest;
use slipway_plugin::{Call, PluginError, Plugins as _, Target};

/// A library of the one source, compiled so.
fn library(options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("unruly.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native/unruly.c");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-w", "-o"])
        .args([&file, &source])
        .args(options)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::read(file).unwrap()
}

fn native(trusted: &[&[u8]]) -> Native {
    Native {
        program: vec![env!("CARGO_BIN_EXE_slipway-native").into()],
        trusted: trusted.iter().map(Digest::of).collect(),
        unconfined: false,
    }
}

fn limits() -> Limits {
    Limits {
        computing: Duration::from_secs(1),
        log_lines: 100,
        ..Limits::default()
    }
}

async fn target(library: &[u8]) -> Result<Arc<dyn Target>, PluginError> {
    target_of(library, native(&[library])).await
}

async fn target_of(library: &[u8], native: Native) -> Result<Arc<dyn Target>, PluginError> {
    let mut host = Host::new(limits()).with_native(native);
    host.add("unruly", library.to_vec(), None)?;
    host.target("unruly").await
}

/// What comes of it when the library does `what`.
async fn done(target: &Arc<dyn Target>, what: &str) -> Result<(), String> {
    let stopped = target.stop(Call::new(Tape::new()), place(), what.parse().unwrap());
    stopped.await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn whatever_it_does_is_an_error_and_the_next_call_works() {
    let target = target(&library(&[])).await.unwrap();
    for (what, expected) in [
        (
            "segfault",
            "it was ended by SIGSEGV: it reached outside its memory",
        ),
        ("divide", "it was ended by SIGFPE: it divided by zero"),
        ("exit", "it ended itself with code 3"),
        ("hang", "computing limit 1 s reached"),
        ("garbage", "it wrote into the pipe what is not from this protocol"),
        ("close", "it ended itself with code 1"),
        ("huge", "host call limit 16 MiB reached"),
        ("why", "it has no licence"),
        (
            "sudo",
            "it asked for `sudo.run`, which is no function of a capability",
        ),
    ] {
        let said = done(&target, what).await.unwrap_err();
        assert_eq!(said, format!("plugin unruly broke in stop: {expected}"));
        assert_eq!(done(&target, "well").await, Ok(()));
    }
    for (what, begin, end) in [
        ("abort", "it was ended by SIGABRT: it gave up (", ""),
        (
            "prints",
            "it was ended by SIGABRT: ",
            "; it last wrote: the vendor's library is not amused",
        ),
        (
            "memory",
            "it was ended by SIGABRT: ",
            "; it last wrote: out of memory",
        ),
        ("nonsense", "its answer has no meaning: ", ""),
        (
            "arguments",
            "it asked for `log.emit` with something else than its arguments: ",
            "",
        ),
        ("chatter", "log limit 100 lines reached; it last logged: hi", ""),
    ] {
        let said = done(&target, what).await.unwrap_err();
        let begin = format!("plugin unruly broke in stop: {begin}");
        assert!(said.starts_with(&begin) && said.ends_with(end), "{what}: {said}");
        assert_eq!(done(&target, "well").await, Ok(()));
    }
}

#[tokio::test]
async fn there_is_nothing_for_it() {
    let target = target(&library(&[])).await.unwrap();
    for (what, expected) in [
        ("fork", "fork: Operation not permitted"),
        ("program", "execve: Operation not permitted"),
        ("socket", "socket: Operation not permitted"),
        ("trace", "ptrace: Operation not permitted"),
        ("kill", "kill: Operation not permitted"),
        ("passwd", "open: Permission denied"),
        ("process", "open: Permission denied"),
        ("writes", "open: Permission denied"),
        ("shared", "mmap: Cannot allocate memory"),
    ] {
        let said = done(&target, what).await.unwrap_err();
        assert_eq!(said, format!("unruly stop: {expected}"));
    }
}

#[tokio::test]
async fn what_is_not_for_here_is_not_loaded() {
    let check = async |library: &[u8], expected: &str| {
        let refused = target(library).await.err().unwrap().to_string();
        let refused = refused.strip_prefix("plugin unruly cannot be loaded: ").unwrap();
        assert!(refused.starts_with(expected), "{refused}");
    };
    let good = library(&[]);
    let mut trusting_none = Host::default().with_native(native(&[]));
    let untrusted = trusting_none
        .add("unruly", good.clone(), None)
        .unwrap_err()
        .to_string();
    let digest = Digest::of(&good);
    assert_eq!(
        untrusted,
        format!(
            "plugin unruly cannot be loaded: it is a native library, and the operator trusts none of the digest {digest}; \
             if it may run here, the operator's file says `[native] trust = [\"{digest}\"]`"
        )
    );
    let mut elsewhere = good.clone();
    elsewhere[18..20].copy_from_slice(&if cfg!(target_arch = "aarch64") {
        [62, 0]
    } else {
        [183, 0]
    });
    check(&elsewhere, "it is a native library for ").await;
    check(&good[..good.len() / 3], "it is not a native library: ").await;
    check(
        &library(&["-DSYMBOL=other"]),
        "it is a native library without a plugin in it",
    )
    .await;
    check(
        &library(&["-DSYMBOL=slipway_target_0_2"]),
        "it was built for contract 0.2; this slipway speaks 0.1.x: upgrade slipway",
    )
    .await;
    check(
        &library(&["-DVERSION=2"]),
        "it was built for version 2 of the native interface, and this slipway has 1",
    )
    .await;
    let broken = target(&library(&["-DBROKEN"])).await.err().unwrap().to_string();
    assert!(
        broken.starts_with("plugin unruly cannot be loaded: it was ended by SIGABRT: "),
        "{broken}"
    );
    assert!(broken.ends_with("; it last wrote: no licence"), "{broken}");
}

#[tokio::test]
async fn calls_at_the_same_time_have_a_process_each_and_one_that_was_killed_is_missed_by_nobody() {
    // Other tests have processes too.
    let (library, mark) = (library(&[]), "of-this-test");
    let mut native = native(&[&library]);
    native.program.push(mark.into());
    let target = target_of(&library, native).await.unwrap();
    let (slow, quick) = tokio::join!(done(&target, "hang"), done(&target, "well"));
    assert!(slow.is_err() && quick.is_ok(), "{slow:?} {quick:?}");
    for _ in 0..2 {
        let processes = processes(mark);
        assert!(!processes.is_empty());
        for process in processes {
            let killed = Command::new("kill").args(["-9", &process]).status().unwrap();
            assert!(killed.success());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(done(&target, "well").await, Ok(()));
    }
}

#[test]
fn a_library_that_computes_ends_with_its_host() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_slipway-native"))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    let mut send = |kind: u8, name: &str, bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let head = [
            &[kind, u8::try_from(name.len()).unwrap()],
            &length[..],
            name.as_bytes(),
        ]
        .concat();
        to.write_all(&head).and_then(|()| to.write_all(bytes)).unwrap();
    };
    let memory = u64::from(256_u32 << 20).to_le_bytes();
    send(
        b'L',
        "slipway_target_0_1",
        &[&memory[..], &[0], &library(&[])].concat(),
    );
    let mut ready = [0; 6];
    from.read_exact(&mut ready).unwrap();
    assert_eq!(&ready, b"R\0\0\0\0\0");
    send(b'C', "stop", b"hang");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(process.try_wait().unwrap(), None, "it computes");
    // As when the host is killed; the other pipe is left open, because nobody reads from it.
    drop(from);
    let begin = Instant::now();
    while process.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(5), "it goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Those that were started so.
fn processes(mark: &str) -> Vec<String> {
    let is_one = |path: &PathBuf| {
        let line = std::fs::read_to_string(path.join("cmdline")).unwrap_or_default();
        line.contains("slipway-native") && line.contains(mark)
    };
    let all = std::fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    all.filter(is_one)
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}
