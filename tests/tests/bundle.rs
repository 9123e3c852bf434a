//! A release as one file: written where the registries are, read where none of them is, and deployed from there.

use std::fs;

use slipway_tests::{Bench, Cluster, RegistryServer as Server, credentials, image_archive, server_program};

fn at(name: &str, registry: &str, prefix: &str) -> String {
    format!("{name} = \"oci+http://{registry}{prefix}\"")
}

#[test]
fn a_site_without_a_network_gets_everything() {
    let cluster = Cluster::start();
    let bench = Bench::web(&cluster);
    let operator = fs::read_to_string(bench.path("operator.toml")).unwrap();
    let (dev, deploy) = (Server::start(&bench, "dev"), Server::start(&bench, "deploy"));
    credentials(&bench, &[&dev, &deploy]);
    let local = |server: &Server| format!("127.0.0.1:{}", server.port);
    let site = at("deploy", &cluster.registry(), "/deploy");
    let (dev_line, deploy_line) = (
        at("dev", &local(&dev), ""),
        at("deploy", &local(&deploy), "/deploy"),
    );
    let never = at("dev", &cluster.registry(), "");
    bench.edit("web/deploy.toml", &[(&never, &dev_line), (&site, &deploy_line)]);

    // What `docker save` wrote becomes an image in the registry of development.
    let (image, bundle) = (bench.path("image.tar"), bench.path("web.bundle.tar"));
    image_archive(&image, "server", &fs::read(server_program()).unwrap(), &[]);
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
    fs::write(bench.path("operator.toml"), operator).unwrap();
    bench.edit("web/deploy.toml", &[(&deploy_line, &site)]);
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

    for step in ["adapt", "deploy", "cutover"] {
        bench.must("web", &[step, "test"]);
    }
    assert_eq!(
        cluster.ask(bench.port, "/version").unwrap(),
        (200, "1.0.0".to_owned())
    );
    let listed = [
        "-n",
        "web",
        "get",
        "pods",
        "-o",
        "jsonpath={.items[*].spec.containers[*].image}",
    ];
    let pulled = cluster.kubectl_must(&listed);
    let from = format!("{}/deploy/web@sha256:", cluster.registry());
    assert!(
        pulled.split(' ').all(|image| image.starts_with(&from)),
        "{pulled}"
    );
}
