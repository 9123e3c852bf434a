//! The real binary in a folder of its own, with nothing of the machine around it.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use flate2::{Compression, write::GzEncoder};
use regex::Regex;
use tempfile::TempDir;

pub(crate) struct Place(TempDir);

/// What a command said: exit code, stdout and stderr, as one text for snapshots.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("slipway-cli-").unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An archive with one program in it, as the format `tarball` takes it.
    pub(crate) fn archive(&self, path: &str) {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        let program = b"#!/bin/sh\n";
        header.set_size(program.len() as u64);
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        tar.append_data(&mut header, "bin/shop", program.as_slice())
            .unwrap();
        self.write(path, tar.into_inner().unwrap().finish().unwrap());
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "")
    }

    /// With answers on stdin.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_slipway"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path().join("home"))
            // What happens to be built on this machine is no part of a test.
            .env("SLIPWAY_PLUGINS", self.path().join("home/plugins"))
            .env("COLUMNS", "100")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever asks nothing may have ended before it could be told anything.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&self.path().display().to_string(), "[FOLDER]")
        };
        Said {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Said {
    pub(crate) fn everything(&self) -> String {
        format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }

    /// What differs from run to run and from build to build has gone.
    pub(crate) fn steady(&self) -> String {
        let mut text = self.everything();
        for (pattern, name) in [
            (r"\d{8}-\d{6}-[0-9a-f]{6}", "[RUN]"),
            (r"sha256:[0-9a-f]{64}", "[DIGEST]"),
            (r"\b[0-9a-f]{12}\b", "[SHORT]"),
            (r"(revision |-|\()[0-9a-f]{8}\b", "${1}[SHORT]"),
        ] {
            text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
        }
        text
    }

    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.everything());
        self
    }
}
