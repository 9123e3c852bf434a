//! The same plugin as a WebAssembly component and as a native library: the same plan, the same journal; and what happens when
//! the process of a library is killed in the midst of a run.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use slipway_conformance::conform;
use slipway_host::{Host, Limits, Native};
use slipway_model::Digest;
use slipway_plugin::Kind;
use slipway_tests::{Bench, Notices, fixture, program};

/// A plugin of the workspace of plugins, built for this machine.
fn library(package: &str) -> Vec<u8> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = BUILT.get_or_init(|| {
        let packages = [
            "slipway-fixture-announcing",
            "slipway-template-target",
            "slipway-target-machine",
        ];
        let target = root.join("target/native");
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--release",
                "--locked",
                "--features",
                "slipway-sdk/native",
            ])
            .args(packages.iter().flat_map(|package| ["-p", package]))
            .current_dir(root.join("plugins"))
            .env("CARGO_TARGET_DIR", &target)
            .status()
            .unwrap();
        assert!(status.success(), "the plugins do not build as native libraries");
        target.join("release")
    });
    fs::read(folder.join(format!("lib{}.so", package.replace('-', "_")))).unwrap()
}

/// A service whose router is `announcing`, from this file.
fn bench(file: &str, notices: &str, trusted: &[&[u8]]) -> Bench {
    let bench = Bench::caddy();
    let brought = format!(
        "[plugins.announcing]\nfrom = \"{file}\"\ngrants = {{ http = [\"agent\", \"notices\"] }}\n\n[check.page]"
    );
    let changes = [
        ("plugin = \"embedded\"", "plugin = \"announcing\""),
        ("[check.page]", &*brought),
    ];
    bench.edit("caddy/deploy.toml", &changes);
    operate(&bench, notices, trusted);
    bench
}

fn operate(bench: &Bench, notices: &str, trusted: &[&[u8]]) {
    let trusted: Vec<_> = trusted
        .iter()
        .map(|bytes| format!("\"{}\"", Digest::of(bytes)))
        .collect();
    let operator = format!(
        "[endpoints.notices]\nurl = \"{}\"\n[native]\ntrust = [{}]\n",
        notices,
        trusted.join(", ")
    );
    fs::write(bench.path("operator.toml"), operator).unwrap();
}

/// The instances of a plan have names of their own each time; everything else is to be the same.
fn plan(bench: &Bench) -> String {
    let planned = bench.slipway("caddy", &["plan", "local"]);
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    planned.stdout.replace(&bench.port.to_string(), "PORT")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_plugin_plans_and_does_the_same() {
    let notices = Notices::start().await;
    let (component, native) = (fixture("announcing"), library("slipway-fixture-announcing"));
    let machine = library("slipway-target-machine");
    tokio::task::block_in_place(|| {
        let wasm = bench("announcing.wasm", &notices.url, &[&native, &machine]);
        fs::write(wasm.path("caddy/announcing.wasm"), &component).unwrap();
        fs::write(wasm.path("announcing.so"), &native).unwrap();
        fs::write(wasm.path("machine.so"), &machine).unwrap();
        let so = bench("announcing.so", &notices.url, &[&native]);
        fs::write(so.path("caddy/announcing.so"), &native).unwrap();
        fs::write(so.path("announcing.wasm"), &component).unwrap();
        for bench in [&wasm, &so] {
            bench.must("caddy", &["release"]);
            bench.must("caddy", &["adapt", "local"]);
        }
        assert_eq!(plan(&wasm), plan(&so));
        for bench in [&wasm, &so] {
            bench.must("caddy", &["run", "local"]);
            bench.must("caddy", &["agent", "stop"]);
        }
        // What the component has done the library does against the same journal, and the other way round.
        let replay = |bench: &Bench, with: &str, file: &str| {
            let with = format!("{with}={}", bench.path(file).display());
            bench
                .slipway("caddy", &["replay", "local", "--with", &with])
                .must();
        };
        replay(&wasm, "announcing", "announcing.so");
        replay(&wasm, "machine", "machine.so");
        replay(&so, "announcing", "announcing.wasm");
    });
    let announced = notices.received();
    assert_eq!(announced.len(), 2, "{announced:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_does_not_trust_is_refused_with_the_line_that_would_trust_it() {
    let (notices, native) = (Notices::start().await, library("slipway-fixture-announcing"));
    tokio::task::block_in_place(|| {
        let bench = bench("announcing.so", &notices.url, &[]);
        fs::write(bench.path("caddy/announcing.so"), &native).unwrap();
        let refused = bench.slipway("caddy", &["validate"]);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        let line = format!("`[native] trust = [\"{}\"]`", Digest::of(&native));
        assert!(refused.stderr.contains(&line), "{}", refused.stderr);
        operate(&bench, &notices.url, &[&native]);
        bench.must("caddy", &["validate"]);
    });
}

#[test]
fn a_process_that_is_killed_breaks_its_call_and_a_run_is_gone_on_with() {
    let native = library("slipway-fixture-announcing");
    let run = Arc::new(AtomicU32::new(0));
    let of = Arc::clone(&run);
    // While the plugin waits for the answer to what must happen once.
    let url = answering(move || {
        for process in children(of.swap(0, Ordering::SeqCst)) {
            let killed = Command::new("kill").args(["-9", &process]).status().unwrap();
            assert!(killed.success());
        }
    });
    let bench = bench("announcing.so", &url, &[&native]);
    fs::write(bench.path("caddy/announcing.so"), &native).unwrap();
    let mut command = bench.command(&program("slipway"), "caddy", &["run", "local"]);
    let started = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run.store(started.id(), Ordering::SeqCst);
    let ended = started.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(matches!(ended.status.code(), Some(1 | 4)), "{said}");
    let why = "plugin announcing broke in route: it was ended by SIGKILL: ";
    assert!(said.contains(why), "{said}");
    bench.must("caddy", &["run", "local"]);

    // And when the program is killed, with all that it has started.
    let killed = bench.faulty("caddy", &["run", "local", "--version", "2.0.0"], "after:40");
    assert_eq!(killed.code, None, "{}", killed.stderr);
    bench.must("caddy", &["resume"]);
}

/// The address of an endpoint that takes whatever comes, after this was done.
fn answering(mut before: impl FnMut() + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            if stream.read(&mut request).unwrap_or_default() > 0 {
                before();
                let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
                // Whoever asked may be gone.
                let _ = stream.write_all(answer);
            }
        }
    });
    url
}

/// The processes of libraries that a program has.
fn children(of: u32) -> Vec<String> {
    let of = of.to_string();
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| {
        let status = fs::read_to_string(path.join("stat")).unwrap_or_default();
        let parent = status
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1));
        let line = fs::read_to_string(path.join("cmdline")).unwrap_or_default();
        parent == Some(&of) && line.contains("__native")
    };
    let names = processes
        .filter(is_one)
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    names.collect()
}

#[tokio::test]
async fn a_library_keeps_the_rules_of_every_plugin_as_its_component_does() {
    keeps(Kind::Target, library("slipway-template-target")).await;
}

#[tokio::test]
async fn so_does_the_example_in_c() {
    let folder = tempfile::tempdir().unwrap();
    let c = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/c");
    let file = folder.path().join("status.so");
    let status = Command::new("cc")
        .args([
            "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I",
        ])
        .arg(&c)
        .arg("-o")
        .args([&file, &c.join("example/status.c")])
        .status()
        .unwrap();
    assert!(status.success());
    keeps(Kind::Check, fs::read(file).unwrap()).await;
}

async fn keeps(kind: Kind, library: Vec<u8>) {
    let native = Native {
        program: vec![program("slipway").into(), "__native".into()],
        trusted: [Digest::of(&library)].into(),
        unconfined: false,
    };
    let mut host = Host::new(Limits::default()).with_native(native);
    host.add("acme", library, None).unwrap();
    let rules = conform(&host, kind, "acme").await.unwrap();
    assert!(rules.iter().any(|rule| rule.tried > 1));
    for rule in &rules {
        assert!(rule.is_kept(), "{rule:?}");
    }
}
