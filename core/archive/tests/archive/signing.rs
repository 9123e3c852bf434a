//! Who made an entry: told by whoever has the public key, and by nobody without the private one.

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::Value;
use slipway_archive::{Archive, PublicKey, SigningKey, Trust};

use super::common::{append, file, folder_of};

fn key(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/archive/keys")
        .join(name)
}

pub(crate) fn signing(name: &str) -> Option<Arc<SigningKey>> {
    Some(Arc::new(SigningKey::read(&key(&format!("{name}.pem"))).unwrap()))
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::read(&key(&format!("{name}.pub.pem"))).unwrap()
}

/// Signed by one, by nobody, and by another.
fn mixed() -> (tempfile::TempDir, Archive) {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    for (run, key) in [("r-1", signing("one")), ("r-2", None), ("r-3", signing("other"))] {
        archive = archive.signed_by(key);
        append(&archive, run, vec![file("plan.json", "{}"), file("log", run)]);
    }
    (folder, archive)
}

fn problems(archive: &Archive, keys: &[PublicKey]) -> Vec<String> {
    let trust = Trust {
        signers: keys.to_vec(),
        ..Trust::default()
    };
    let report = archive.clone().trusting(trust).verify();
    assert_eq!(report.signed, 2);
    report.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_entry_is_signed_by_somebody_known() {
    let (_folder, archive) = mixed();
    assert_eq!(signing("one").unwrap().public(), public("one"));
    assert_eq!(problems(&archive, &[]), [""; 0]);
    let both = problems(&archive, &[public("one"), public("other")]);
    assert!(
        matches!(both.as_slice(), [only] if only.contains("nobody has signed it")),
        "{both:?}"
    );
    let one = problems(&archive, &[public("one")]);
    assert!(
        one[1].contains(&format!("it is signed with {}, which is none", public("other"))),
        "{one:?}"
    );
    let signers: Vec<_> = archive
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| entry.signer)
        .collect();
    assert_eq!(
        signers,
        [
            Some(public("one").to_string()),
            None,
            Some(public("other").to_string())
        ]
    );
}

#[test]
fn a_signature_fits_its_entry_alone() {
    let check = |change: fn(&mut Vec<Value>)| {
        let (_folder, archive) = mixed();
        let path = folder_of(&archive).join("index.json");
        let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(index["manifests"].as_array_mut().unwrap());
        fs::write(&path, format!("{index}\n")).unwrap();
        let report = archive.verify();
        let told = report
            .problems
            .iter()
            .any(|problem| problem.reason.contains("the signature of entry"));
        assert!(told, "{report:?}");
        // Not only whoever verifies finds it.
        archive.list().unwrap_err();
    };
    check(|entries| {
        let (one, other) = (entries[0]["annotations"].take(), entries[2]["annotations"].take());
        (entries[0]["annotations"], entries[2]["annotations"]) = (other, one);
    });
    check(|entries| entries[1]["annotations"] = entries[0]["annotations"].clone());
    check(|entries| {
        let signer = entries[2]["annotations"]["vnd.slipway.archive.signer"].clone();
        entries[0]["annotations"]["vnd.slipway.archive.signer"] = signer;
    });
}

#[test]
fn a_signature_stays_with_an_export() {
    let (folder, archive) = mixed();
    let ids: Vec<_> = archive.list().unwrap().iter().map(|entry| entry.id).collect();
    let mut tar = Vec::new();
    archive.export(&ids[2..], &mut tar).unwrap();
    let unpacked = folder.path().join("unpacked");
    tar::Archive::new(tar.as_slice()).unpack(&unpacked).unwrap();
    let part = Archive::open(unpacked).unwrap();
    assert!(
        part.trusting(Trust {
            signers: vec![public("other")],
            excerpt: true,
            head: None,
        })
        .verify()
        .is_intact()
    );
}

#[test]
fn what_is_no_key_is_told() {
    let read = |name: &str| SigningKey::read(&key(name)).unwrap_err().to_string();
    assert!(
        read("one.pub.pem").contains("openssl genpkey -algorithm ed25519"),
        "{}",
        read("one.pub.pem")
    );
    let public = PublicKey::read(&key("one.pem")).unwrap_err().to_string();
    assert!(public.contains("-pubout"), "{public}");
    assert!(read("none.pem").contains("cannot read"));
}
