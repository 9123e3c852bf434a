//! Where things are kept in the agent's folder, which is granted as `machine`.
//!
//! | path | what |
//! |---|---|
//! | `revisions/<hex>/artifacts/<name>` | an unpacked artifact |
//! | `revisions/<hex>/instances/<name>/config` | the final configuration files, of an instance alone: nothing replaces them while it runs |
//! | `revisions/<hex>/instances/<name>/started` | an empty file for each instance that was ever started, so that its log is found |
//! | `revisions/<hex>/tasks/<name>/` | the same of a task, until it is dismissed |
//! | `data/<service>/<environment>` | what outlives revisions |

use std::collections::BTreeSet;

use slipway_sdk::{Failure, Place};

/// A revision's folder, named by the digits of its digest.
pub(crate) fn revision(digest: &str) -> Result<String, Failure> {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    if hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(format!("revisions/{hex}"))
    } else {
        Err(Failure::invalid(format!(
            "`{digest}` is not the digest of a revision"
        )))
    }
}

pub(crate) fn artifact(revision: &str, name: &str) -> String {
    format!("{revision}/artifacts/{name}")
}

pub(crate) fn instances(revision: &str) -> String {
    format!("{revision}/instances")
}

pub(crate) fn tasks(revision: &str) -> String {
    format!("{revision}/tasks")
}

/// Of one of the [`instances`] or [`tasks`].
pub(crate) fn config(all: &str, name: &str) -> String {
    format!("{all}/{name}/config")
}

pub(crate) fn started(all: &str, name: &str) -> String {
    format!("{all}/{name}/started")
}

/// The instances or tasks that the files below [`instances`] or [`tasks`] belong to, once each.
pub(crate) fn names<'a>(all: &str, files: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let before = format!("{all}/");
    let name = |file: &'a str| file.strip_prefix(&before)?.split('/').next();
    files.filter_map(name).collect()
}

pub(crate) fn data<S>(place: &Place<S>) -> String {
    format!("data/{}/{}", place.service, place.environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_names_a_revision() {
        let hex = "0a".repeat(32);
        assert_eq!(revision(&format!("sha256:{hex}")), Ok(format!("revisions/{hex}")));
        for bad in [
            "",
            "sha256:",
            "sha256:../..",
            &hex,
            &format!("sha256:{}", hex.to_uppercase()),
        ] {
            assert!(revision(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_instance_is_named_once() {
        let files = [
            started(&instances("r"), "a-1"),
            config(&instances("r"), "a-1") + "/x",
            started(&instances("r"), "a-2"),
            started(&tasks("r"), "t"),
            started(&instances("s"), "b"),
        ];
        let found = names(&instances("r"), files.iter().map(String::as_str));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a-1", "a-2"]);
    }
}
