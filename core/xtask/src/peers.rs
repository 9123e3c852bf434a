//! The programs that ours are held against: what they make of the same input, and what that costs. Built from their own
//! modules where there is Go, once for each version; without them the answers that are kept in the repository count.

use std::{path::PathBuf, process::Command};

use slipway_authoring::Go;

use crate::talk::{Failed, root, run, say};

struct Peer {
    /// The variable that names it to tests and benchmarks.
    variable: &'static str,
    program: &'static str,
    package: &'static str,
    version: &'static str,
    /// Whether `cargo xtask test` asks it; the others are for benchmarks, and for whoever names them.
    in_tests: bool,
}

/// Of those that are asked in tests, the versions whose answers are kept.
const PEERS: [Peer; 4] = [
    Peer {
        variable: "KUSTOMIZE",
        program: "kustomize",
        package: "sigs.k8s.io/kustomize/kustomize/v5",
        version: "v5.8.1",
        in_tests: true,
    },
    Peer {
        variable: "HELM",
        program: "helm",
        package: "helm.sh/helm/v4/cmd/helm",
        version: "v4.3.1",
        in_tests: true,
    },
    Peer {
        // Minutes to build: what it has signed is kept, and it is asked where somebody names it.
        variable: "COSIGN",
        program: "cosign",
        package: "github.com/sigstore/cosign/v3/cmd/cosign",
        version: "v3.1.3",
        in_tests: false,
    },
    Peer {
        variable: "RESTIC",
        program: "restic",
        package: "github.com/restic/restic/cmd/restic",
        version: "v0.18.1",
        in_tests: false,
    },
];

/// Those that tests ask and that can be had, by the variables that name them.
pub(crate) fn present() -> Vec<(&'static str, PathBuf)> {
    had(PEERS.iter().filter(|peer| peer.in_tests))
}

/// One that somebody names already is that one.
fn had<'a>(peers: impl Iterator<Item = &'a Peer>) -> Vec<(&'static str, PathBuf)> {
    peers
        .filter_map(|peer| match std::env::var_os(peer.variable) {
            Some(named) => Some((peer.variable, named.into())),
            None => match peer.built() {
                Ok(program) => Some((peer.variable, program)),
                Err(Failed(why)) => {
                    let (program, variable) = (peer.program, peer.variable);
                    say(&format!(
                        "skipped: nothing is compared with {program} itself: {why} ({variable} names one that is there)"
                    ));
                    None
                }
            },
        })
        .collect()
}

pub(crate) fn peers() -> Result<(), Failed> {
    let present = had(PEERS.iter());
    for (variable, program) in &present {
        say(&format!("{variable}={}", program.display()));
    }
    if present.len() == PEERS.len() {
        Ok(())
    } else {
        Err(Failed("not all of them can be had".to_owned()))
    }
}

impl Peer {
    fn built(&self) -> Result<PathBuf, Failed> {
        let folder = root()
            .join("target/peers")
            .join(format!("{}-{}", self.program, self.version));
        let program = folder.join(self.program);
        if program.is_file() {
            return Ok(program);
        }
        let go = Go::present().ok_or_else(|| Failed("there is no Go to build it with".to_owned()))?;
        say(&format!("peers: building {} {}", self.program, self.version));
        run(go
            .command(&std::env::temp_dir())
            .env("GOFLAGS", "")
            .env("GOBIN", &folder)
            .args(["install", "-trimpath", "-ldflags=-s -w"])
            .arg(format!("{}@{}", self.package, self.version)))?;
        Ok(program)
    }
}

/// Names them to a command.
pub(crate) fn named<'a>(command: &'a mut Command, peers: &[(&'static str, PathBuf)]) -> &'a mut Command {
    command.envs(peers.iter().map(|(variable, program)| (variable, program)))
}
