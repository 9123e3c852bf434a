//! From one real registry into another, with credentials that only the operator's file holds: a tag that moves, a copy that
//! is there already, and secrets that are nowhere in what a run leaves behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{fs, io::Read as _, path::Path};

use slipway_tests::{Bench, PASSWORD, RegistryServer as Server, credentials};

#[test]
fn from_registry_to_registry() {
    let bench = Bench::shop();
    let (dev, deploy) = (Server::start(&bench, "dev"), Server::start(&bench, "deploy"));
    bench.edit("shop/deploy.toml", &[
        ("from = \"dist/shop.tar.gz\"", "from = \"dev:shop:1\""),
        ("[artifacts.web]", &format!(
            "[registries]\ndev = \"oci+http://127.0.0.1:{}/team\"\ndeploy = \"oci+http://127.0.0.1:{}/deploy\"\n\n[artifacts.web]",
            dev.port, deploy.port
        )),
    ]);
    bench.pack("1.0.0", 0);
    push(&bench, &dev);

    // Without credentials nothing is released, and the error says whose are missing.
    let refused = bench.slipway("shop", &["release"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains(&format!("127.0.0.1:{}", dev.port)),
        "{}",
        refused.stderr
    );

    credentials(&bench, &[&dev, &deploy]);
    let first = bench.must("shop", &["release"]);
    assert!(first.stderr.contains("copied"), "{}", first.stderr);
    let again = bench.must("shop", &["release"]);
    assert!(again.stderr.contains("already there"), "{}", again.stderr);
    assert_eq!(first.stdout.lines().count(), 1);

    // The tag moves: that is said, and refused until somebody wants it.
    bench.pack("1.0.1", 0);
    push(&bench, &dev);
    let moved = bench.slipway("shop", &["release"]);
    assert_eq!(moved.code, Some(1), "{}", moved.stderr);
    assert!(
        moved.stderr.contains("has moved") && moved.stderr.contains("--update"),
        "{}",
        moved.stderr
    );
    bench.must("shop", &["release", "--update"]);

    bench.must("shop", &["run", "local"]);
    drop((dev, deploy));
    for folder in ["shop", "database", "agent"] {
        absent(&bench.path(folder), PASSWORD.as_bytes());
    }
}

/// What development does.
fn push(bench: &Bench, dev: &Server) {
    let operator = fs::read_to_string(bench.path("operator.toml")).unwrap();
    credentials(bench, &[dev]);
    let to = format!("oci+http://127.0.0.1:{}/team/shop:1", dev.port);
    let file = bench.path("shop/dist/shop.tar.gz");
    bench.must("shop", &["artifact", "copy", file.to_str().unwrap(), &to]);
    fs::write(bench.path("operator.toml"), operator).unwrap();
}

/// No file below the folder holds these bytes.
fn absent(folder: &Path, secret: &[u8]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            absent(&path, secret);
        } else if kind.is_file() {
            let mut bytes = Vec::new();
            fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{} holds a secret", path.display());
        }
    }
}
