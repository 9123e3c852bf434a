//! A release as one file: written where the registries are, read where none of them is.

use std::fs;

use serde_json::Value;
use slipway_tests::{Bench, RegistryServer as Server, credentials, image_archive};

const DEV: &str = "dev = \"oci+http://127.0.0.1:5000\"";
const DEPLOY: &str = "deploy = \"oci+http://127.0.0.1:5000/deploy\"";

fn at(name: &str, server: &Server, prefix: &str) -> String {
    format!("{name} = \"oci+http://127.0.0.1:{}{prefix}\"", server.port)
}

#[test]
fn a_site_without_a_network_gets_everything() {
    let bench = Bench::web_alone();
    let (dev, deploy) = (Server::start(&bench, "dev"), Server::start(&bench, "deploy"));
    credentials(&bench, &[&dev, &deploy]);
    let (dev_line, deploy_line) = (at("dev", &dev, ""), at("deploy", &deploy, "/deploy"));
    bench.edit("web/deploy.toml", &[(DEV, &dev_line), (DEPLOY, &deploy_line)]);

    // What `docker save` wrote becomes an image in the registry of development.
    let (image, bundle) = (bench.path("image.tar"), bench.path("web.bundle.tar"));
    image_archive(&image, "server", b"nobody starts it here");
    let to = format!("oci+http://127.0.0.1:{}/server:1", dev.port);
    bench.must(
        "web",
        &["artifact", "copy", "--image", image.to_str().unwrap(), &to],
    );
    bench.must("web", &["release", "--bundle", bundle.to_str().unwrap()]);
    let released = fs::read_to_string(bench.path("web/deploy.lock")).unwrap();
    let first = fs::read(&bundle).unwrap();
    bench.must("web", &["release", "--bundle", bundle.to_str().unwrap()]);
    assert!(
        fs::read(&bundle).unwrap() == first,
        "the same release is the same file"
    );
    drop((dev, deploy));

    // Elsewhere: nothing of what was kept, and another registry.
    for left in [".slipway", "assembly"] {
        fs::remove_dir_all(bench.path("web").join(left)).unwrap();
    }
    fs::remove_file(bench.path("web/deploy.lock")).unwrap();
    let site = Server::start(&bench, "site");
    credentials(&bench, &[&site]);
    bench.edit(
        "web/deploy.toml",
        &[(&deploy_line, &at("deploy", &site, "/deploy"))],
    );
    let package = |lock: &str| {
        let mut lines = lock.lines();
        lines
            .find(|line| line.starts_with("package = "))
            .unwrap()
            .to_owned()
    };

    let mut broken = first.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    fs::write(bench.path("broken.tar"), broken).unwrap();
    let refused = bench.slipway(
        "web",
        &[
            "release",
            "--from-bundle",
            bench.path("broken.tar").to_str().unwrap(),
        ],
    );
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(!bench.path("web/deploy.lock").exists(), "{}", refused.stderr);

    bench.must("web", &["release", "--from-bundle", bundle.to_str().unwrap()]);
    let brought = fs::read_to_string(bench.path("web/deploy.lock")).unwrap();
    assert_eq!(package(&brought), package(&released));

    bench.must("web", &["adapt", "test"]);
    let workload = fs::read(bench.path("web/deployment/test/workloads/app.json")).unwrap();
    let workload: Value = serde_json::from_slice(&workload).unwrap();
    let container = "/objects/Deployment.apps~1web/spec/template/spec/containers/0/image";
    let pulled = workload.pointer(container).unwrap().as_str().unwrap();
    assert!(
        pulled.starts_with(&format!("127.0.0.1:{}/deploy/web@sha256:", site.port)),
        "{pulled}"
    );
    bench.must("web", &["artifact", "inspect", &format!("oci+http://{pulled}")]);
}
