//! What an archive proves to somebody who trusts nobody: our verification and one that was written from the format's
//! description alone, in another language, say the same of it, whatever is done to it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use slipway_tests::{Bench, PASSWORD, RegistryServer};

const ARCHIVE: &str = "caddy/.slipway/archive";

fn openssl(arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A key of this name, and the public one beside it.
fn key(bench: &Bench, name: &str) -> (String, String) {
    let path = |name: String| bench.path(&name).to_str().unwrap().to_owned();
    let (private, public) = (path(format!("{name}.pem")), path(format!("{name}.pub.pem")));
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &private]);
    openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
    (private, public)
}

fn operate(bench: &Bench, key: &str) {
    fs::write(bench.path("operator.toml"), format!("[archive]\nkey = {key:?}\n")).unwrap();
}

/// Whether both find it intact; they must agree.
fn intact(bench: &Bench, more: &[&str], what: &str) -> bool {
    let ours = bench.slipway("caddy", &[&["archive", "verify"], more].concat());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify_archive.py");
    let theirs = Command::new("python3")
        .arg(script)
        .arg(bench.path(ARCHIVE))
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&theirs.stdout);
    let (ours_say, they_say) = (ours.code == Some(0), theirs.status.success());
    assert_eq!(
        ours_say,
        they_say,
        "{what}\n{}{}\n{said}{}",
        ours.stdout,
        ours.stderr,
        String::from_utf8_lossy(&theirs.stderr)
    );
    ours_say
}

/// Does something to the archive that must be found, and puts it right again.
fn forge(bench: &Bench, more: &[&str], what: &str, change: impl FnOnce(&Path)) {
    let (folder, aside) = (bench.path(ARCHIVE), bench.path("aside"));
    let copy = |from: &Path, to: &Path| {
        let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(done.success());
    };
    copy(&folder, &aside);
    change(&folder);
    assert!(!intact(bench, more, what), "{what} is not found");
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    let place = place % bytes.len();
    bytes[place] ^= 1 << (place % 8);
    fs::write(path, bytes).unwrap();
}

/// The index as somebody would change it who knows the format.
fn change_index(folder: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let path = folder.join("index.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(index["manifests"].as_array_mut().unwrap());
    let head = index["manifests"].as_array().unwrap().last().unwrap()["digest"].clone();
    index["annotations"]["vnd.slipway.archive.head"] = head;
    fs::write(path, format!("{index}\n")).unwrap();
}

#[test]
fn an_archive_is_proven_by_whoever_has_the_public_key() {
    let bench = Bench::caddy();
    bench.edit("caddy/deploy.toml", &[("soak = \"1s\"", "soak = \"0s\"")]);
    let ((private, public), (_, other)) = (key(&bench, "archive"), key(&bench, "other"));

    // A key that cannot be read is found before anything is done.
    operate(&bench, &public);
    let refused = bench.slipway("caddy", &["run", "local"]);
    assert!(
        refused.stderr.contains("openssl genpkey -algorithm ed25519"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        bench.json("caddy", &["history"])["runs"],
        Value::Array(Vec::new())
    );

    operate(&bench, &private);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        bench.must("caddy", &["run", "local", "--version", version]);
    }
    let listed = bench.json("caddy", &["archive", "list"]);
    let head = listed["head"].as_str().unwrap().to_owned();
    let by = &[
        "--key",
        public.as_str(),
        "--key",
        other.as_str(),
        "--head",
        head.as_str(),
    ];
    // It says where each revision comes from, in a form that others know.
    let printed = bench
        .must("caddy", &["archive", "show", "3", "--print", "provenance.json"])
        .stdout;
    let statement: Value = serde_json::from_str(&printed).unwrap();
    let entry = bench.json("caddy", &["archive", "show", "3"]);
    let of = |digest: &Value| format!("sha256:{}", digest["digest"]["sha256"].as_str().unwrap());
    assert_eq!(of(&statement["subject"][0]), entry["revision"]);
    let made = &statement["predicate"]["buildDefinition"];
    assert_eq!(of(&made["resolvedDependencies"][0]), entry["package"]);
    let plugins = made["internalParameters"]["plugins"].as_array().unwrap();
    assert!(
        plugins.iter().any(|plugin| plugin["name"] == "target/machine"),
        "{statement}"
    );
    assert_eq!(
        statement["predicate"]["runDetails"]["metadata"]["invocationId"],
        entry["run"]
    );
    assert!(intact(&bench, &[], "as it is"));
    assert!(intact(&bench, by, "as it is, with keys"));
    assert!(!intact(
        &bench,
        &["--key", &other],
        "with the key of somebody else"
    ));

    let blobs = || {
        let folder = bench.path(ARCHIVE).join("blobs/sha256");
        let mut blobs: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|blob| blob.unwrap().path())
            .collect();
        blobs.sort();
        blobs.retain(|blob| fs::metadata(blob).unwrap().len() > 0);
        blobs
    };
    for (number, blob) in blobs().into_iter().enumerate().step_by(5) {
        forge(&bench, &[], &format!("a bit of {}", blob.display()), |_| {
            flip(&blob, number * 7919)
        });
    }
    let blob = blobs().pop().unwrap();
    forge(&bench, &[], "a blob that is gone", |_| {
        fs::remove_file(&blob).unwrap()
    });
    forge(&bench, &[], "a blob cut short", |_| {
        let bytes = fs::read(&blob).unwrap();
        fs::write(&blob, &bytes[..bytes.len() - 1]).unwrap();
    });
    for place in (0..400).step_by(37) {
        forge(&bench, &[], "a bit of the index", |folder| {
            flip(&folder.join("index.json"), place)
        });
    }
    forge(&bench, &[], "an entry dropped", |folder| {
        change_index(folder, |entries| drop(entries.remove(1)));
    });
    forge(
        &bench,
        by,
        "an entry dropped from what is called an excerpt",
        |folder| {
            change_index(folder, |entries| drop(entries.remove(1)));
            let path = folder.join("index.json");
            let head = "\"vnd.slipway.archive.head\"";
            let excerpt = format!("\"vnd.slipway.archive.excerpt\":\"true\",{head}");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace(head, &excerpt)).unwrap();
        },
    );
    forge(&bench, &[], "entries swapped", |folder| {
        change_index(folder, |entries| entries.swap(1, 2))
    });
    forge(&bench, &[], "an entry doubled", |folder| {
        change_index(folder, |entries| entries.insert(1, entries[1].clone()));
    });
    forge(&bench, by, "the latest entry cut off", |folder| {
        change_index(folder, |entries| drop(entries.pop()))
    });
    forge(&bench, &[], "a signature moved", |folder| {
        change_index(folder, |entries| {
            entries[1]["annotations"] = entries[0]["annotations"].clone()
        });
    });
    forge(&bench, by, "signatures taken away", |folder| {
        change_index(folder, |entries| {
            for entry in entries {
                entry.as_object_mut().unwrap().remove("annotations");
            }
        });
    });
    assert!(intact(&bench, by, "put right again"));
}

/// A run does not depend on the copy of its record, which is caught up with by the next one.
#[test]
fn an_archive_is_copied_after_each_run() {
    let bench = Bench::caddy();
    bench.edit("caddy/deploy.toml", &[("soak = \"1s\"", "soak = \"0s\"")]);
    let registry = RegistryServer::start(&bench, "registry");
    let (there, folder) = (
        format!("oci://127.0.0.1:{}/evidence", registry.port),
        bench.path("copies"),
    );
    fs::write(bench.path("password"), PASSWORD).unwrap();
    let operator = format!(
        "[archive]\ncopy-to = [{there:?}, {folder:?}]\n[credentials.\"127.0.0.1:{}\"]\nusername = \"ci\"\n\
         password = {{ file = {:?} }}\n",
        registry.port,
        bench.path("password")
    );
    fs::write(bench.path("operator.toml"), &operator).unwrap();
    // Where a folder should be is a file.
    fs::write(&folder, "").unwrap();
    let ran = bench.slipway("caddy", &["run", "local", "--version", "1.0.0"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the archive is not copied to"),
        "{}",
        ran.stderr
    );
    fs::remove_file(&folder).unwrap();
    bench.must("caddy", &["run", "local", "--version", "1.1.0"]);

    let head = bench.json("caddy", &["archive", "list"])["head"]
        .as_str()
        .unwrap()
        .to_owned();
    for place in [
        format!("{there}/site"),
        folder.join("site").to_str().unwrap().to_owned(),
    ] {
        let report = bench.json("caddy", &["archive", "verify", &place, "--head", &head]);
        assert_eq!(
            (&report["entries"], &report["problems"]),
            (&Value::from(2), &Value::Array(Vec::new()))
        );
        let again = bench.json("caddy", &["archive", "push", &place]);
        assert_eq!(again["copies"][0]["copied"]["entries"], 0, "{again}");
    }
    let nobody = bench.slipway("caddy", &["archive", "verify", &format!("{there}/nobody")]);
    assert!(
        nobody.stderr.contains("there is no archive at"),
        "{}",
        nobody.stderr
    );
    // The record is lost here: the next run goes on with what is there, and all of it comes back from there.
    fs::remove_dir_all(bench.path(ARCHIVE)).unwrap();
    bench.must("caddy", &["run", "local", "--version", "1.2.0"]);
    let entries = bench.json("caddy", &["archive", "list", "--excerpt"])["entries"].clone();
    assert_eq!(
        (entries.as_array().unwrap().len(), &entries[0]["sequence"]),
        (1, &Value::from(3))
    );
    assert!(!intact(&bench, &[], "a part"));
    assert!(intact(&bench, &["--excerpt"], "a part"));
    assert!(intact(&bench, &["--excerpt", "--head", &head], "a part"));
    for place in [format!("{there}/site"), folder.join("site").display().to_string()] {
        let report = bench.json("caddy", &["archive", "verify", &place, "--head", &head]);
        assert_eq!(report["entries"], 3, "{report}");
    }
    bench.must(
        "caddy",
        &["archive", "pull", &format!("{there}/site"), "--head", &head],
    );
    assert!(intact(&bench, &["--head", &head], "as it came back"));

    fs::write(
        bench.path("operator.toml"),
        "[archive]\ncopy-to = [\"ftp://elsewhere\"]\n",
    )
    .unwrap();
    let refused = bench.slipway("caddy", &["run", "local"]);
    assert!(
        refused.stderr.contains("is no place for an archive"),
        "{}",
        refused.stderr
    );
}
