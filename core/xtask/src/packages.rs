//! Programs that tests and the demonstration run beside our own: real registries, servers and peers. Those that are
//! missing are announced and installed where that can be done, otherwise the error says what to install.

use std::process::Command;

use crate::talk::{Failed, ask, run, say};

/// A program, and the package of Debian and Ubuntu that it comes in.
pub(crate) type Needed = (&'static str, &'static str);

/// What the demonstration deploys besides our own.
pub(crate) const DEMO: [Needed; 1] = [("redis-server", "redis-server")];

pub(crate) const TESTS: [Needed; 22] = [
    ("docker-registry", "docker-registry"),
    ("skopeo", "skopeo"),
    ("openssl", "openssl"),
    // An archive is verified by another program than ours.
    ("python3", "python3 python3-venv"),
    // Plugins in JavaScript are built in it.
    ("node", "nodejs"),
    ("npm", "npm"),
    ("htpasswd", "apache2-utils"),
    ("redis-server", "redis-server"),
    ("caddy", "caddy"),
    // Secrets of an operator that are kept encrypted.
    ("age", "age"),
    // The ledger of a team; the server and what comes with it are in a folder of their own.
    ("postgres", "postgresql"),
    // What analyses ask for metrics.
    ("prometheus", "prometheus"),
    // Lets calls of the system fail.
    ("strace", "strace"),
    // What a cluster of Kubernetes runs on.
    ("containerd", "containerd"),
    ("runc", "runc"),
    ("/usr/lib/cni/bridge", "containernetworking-plugins"),
    ("nft", "nftables"),
    ("conntrack", "conntrack"),
    ("ip", "iproute2"),
    ("pgrep", "procps"),
    ("busybox", "busybox-static"),
    ("xz", "xz-utils"),
];

pub(crate) fn need(programs: &[Needed]) -> Result<(), Failed> {
    let missing: Vec<_> = programs.iter().filter(|(program, _)| !there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
    let packages: Vec<_> = missing
        .iter()
        .flat_map(|(_, package)| package.split(' '))
        .collect();
    install(
        &format!("programs that are not here: {}", names.join(", ")),
        &packages,
    )
    .map_err(|how| Failed(format!("programs are missing ({}): {how}", names.join(", "))))?;
    match missing.iter().find(|(program, _)| !there(program)) {
        Some((program, package)) => Err(Failed(format!(
            "the package {package} is installed, and a program {program} is still not found"
        ))),
        None => Ok(()),
    }
}

/// By the system's own packages. The error says what a person can do.
pub(crate) fn install(why: &str, packages: &[&str]) -> Result<(), String> {
    let packages_named = packages.join(" ");
    if ask(Command::new("apt-get").arg("--version")).is_none() {
        return Err(format!(
            "install what Debian calls {packages_named} with this system's package manager"
        ));
    }
    if ask(Command::new("id").arg("-u")).as_deref() != Some("0") {
        return Err(format!(
            "run as root: apt-get install --no-install-recommends {packages_named}"
        ));
    }
    say(&format!("installing: {packages_named} ({why})"));
    let get = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        // Servers are for the tests to start, not for the system: Debian starts none in single-user mode.
        command.env("RUNLEVEL", "1");
        command
    };
    let done = run(get().arg("update")).and_then(|()| {
        run(get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages))
    });
    done.map_err(|Failed(why)| why)
}

/// In `PATH`, or where only root's `PATH` leads, or at a place of its own, or where Debian has PostgreSQL.
fn there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    std::env::split_paths(&paths)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .chain(versions.flatten().map(|version| version.path().join("bin")))
        .any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name() {
        assert!(there("sh"));
        assert!(!there("no-program-has-this-name"));
        assert_eq!(need(&[("sh", "dash")]), Ok(()));
    }
}
