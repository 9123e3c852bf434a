//! What the operating system takes from the process before a library is in it: nearly everything.

use std::{fs, io};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use rustix::{
    param::page_size,
    process::{Resource, Rlimit, setrlimit},
};

use super::{filter, serve::PIPE};

/// Where a library may have what it is linked to.
const LIBRARIES: [&str; 6] = ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64"];
/// Which of those there are.
const LINKER: [&str; 2] = ["/etc/ld.so.cache", "/etc/ld.so.preload"];
/// Bytes of memory for the loading of libraries and the like.
const SLACK: u64 = 64 << 20;
const FILES: u64 = 256;

/// Answers what is lacking, in words. The order matters: what comes first needs what is taken later.
pub(super) fn confine(memory: u64, library: u64) -> Vec<String> {
    let mut lacking = Vec::new();
    let mut note = |what: &str, done: Result<(), String>| {
        if let Err(why) = done {
            lacking.push(format!("{what}: {why}"));
        }
    };
    note(
        "limits of resources",
        limits(memory, library).map_err(|error| error.to_string()),
    );
    note(
        "no new privileges",
        rustix::thread::set_no_new_privs(true).map_err(|error| error.to_string()),
    );
    note("Landlock", files());
    // A thread of its own, which is confined as far as all is by now, and filtered with all.
    let watched = PIPE.get().map_or(Ok(()), super::pipe::Pipe::watch);
    note(
        "a watch for the end of the host",
        watched.map_err(|error| error.to_string()),
    );
    note(
        "no more processes",
        limit(Resource::Nproc, 0).map_err(|error| error.to_string()),
    );
    note("seccomp", filter::filter());
    lacking
}

fn limits(memory: u64, library: u64) -> io::Result<()> {
    let pages = |text: &str, field: usize| {
        let field = text.split(' ').nth(field)?;
        field.trim().parse::<u64>().ok()
    };
    let status = fs::read_to_string("/proc/self/statm")?;
    let page = page_size() as u64;
    let used = |field| pages(&status, field).unwrap_or_default() * page;
    let (all, data) = (used(0), used(5));
    let more = memory + library;
    limit(Resource::As, all + more + SLACK)?;
    limit(Resource::Data, data + more)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Memlock, 0)?;
    limit(Resource::Nofile, FILES)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let most = Some(most);
    Ok(setrlimit(
        resource,
        Rlimit {
            current: most,
            maximum: most,
        },
    )?)
}

/// No files but those of the system's libraries, and these only to be read.
fn files() -> Result<(), String> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V6)))
        .and_then(|rules| rules.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create);
    let mut ruleset = ruleset.map_err(|error| error.to_string())?;
    let folders = LIBRARIES.map(|path| (path, AccessFs::ReadFile | AccessFs::ReadDir));
    let linker = LINKER.map(|path| (path, AccessFs::ReadFile.into()));
    for (path, access) in folders.into_iter().chain(linker) {
        // What is not there cannot be read either.
        let Ok(opened) = PathFd::new(path) else { continue };
        ruleset = ruleset
            .add_rule(PathBeneath::new(opened, access))
            .map_err(|error| error.to_string())?;
    }
    let restricted = ruleset.restrict_self().map_err(|error| error.to_string())?;
    match restricted.ruleset {
        RulesetStatus::NotEnforced => Err("this kernel has none".to_owned()),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}
