//! `sdk/README.md`, from its first command to its last, with the files that it gives: as it stands, but for ports that nobody
//! listens on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{env, fmt::Write as _, fs, path::Path, process::Command};

use slipway_tests::{free_port, program};

/// What a failure in the midst of it would leave running.
const BEGIN: &str = "trap 'kill $(jobs -p) 2>/dev/null; slipway agent stop >/dev/null 2>&1 || true' EXIT\n";

#[test]
fn every_command_of_the_book_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut book = fs::read_to_string(root.join("sdk/README.md")).unwrap();
    for port in ["8700", "8701"] {
        assert!(book.contains(port));
        book = book.replace(port, &free_port().to_string());
    }
    let script = script(&book);
    assert!(script.matches("slipway ").count() > 10, "{script}");

    let folder = tempfile::tempdir().unwrap();
    let slipway = program("slipway");
    let paths = env::var_os("PATH").unwrap_or_default();
    let paths = [slipway.parent().unwrap().to_path_buf()]
        .into_iter()
        .chain(env::split_paths(&paths));
    let ran = Command::new("bash")
        .args(["-eu", "-c", &format!("{BEGIN}{script}")])
        .current_dir(folder.path())
        .env("PATH", env::join_paths(paths).unwrap())
        .env("SLIPWAY_AGENT_DIR", folder.path().join("agent"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("CARGO_TARGET_DIR", root.join("target/tests/projects"))
        .output()
        .unwrap();
    let (said, told) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{said}\n{told}");
    for expected in [
        "the endpoint that its setting `api` names",
        "acme is granted endpoint acme\n",
        "a call ends where the run is told to stop",
        "site-local-",
        "[plugins.acme]\nfrom = \"plugins:plugins/acme:0.1.0\"\n",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(told.contains("all users are on site 1.0.2"), "{told}");
}

/// Blocks of `sh` as they are, and each file at its place among them.
fn script(book: &str) -> String {
    let (mut script, mut end) = (String::new(), None);
    for line in book.lines() {
        match (end, line.strip_prefix("```")) {
            (None, Some("sh")) => end = Some(""),
            (None, Some(block)) => {
                let (_, file) = block.split_once(' ').unwrap();
                writeln!(script, "cat > {file} <<'END OF THE FILE'").unwrap();
                end = Some("END OF THE FILE");
            }
            (Some(mark), Some(_)) => {
                writeln!(script, "{mark}").unwrap();
                end = None;
            }
            (Some(_), None) => writeln!(script, "{line}").unwrap(),
            (None, None) => {}
        }
    }
    script
}
