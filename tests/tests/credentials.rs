//! What lets the operator in (the token of a kubeconfig, the password of a registry) is searched for in everything that a
//! run leaves behind, in all that it prints, and in the memories of its plugins while they run.

use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom},
    process::{Child, Command, Stdio},
    time::Duration,
};

use slipway_tests::{
    Bench, Cluster, PASSWORD, RegistryServer, credentials, files_with, holds, holds_one, program, push_image,
    stands,
};

/// How far a memory may grow is reserved behind it.
const RESERVED: u64 = 1 << 31;

#[test]
fn no_credential_is_anywhere() {
    let cluster = Cluster::start();
    let bench = Bench::web(&cluster);
    let (token, kubeconfig) = token(&cluster);
    let dev = RegistryServer::start(&bench, "dev");
    let login = format!("ci:{PASSWORD}");
    push_image(
        &format!("127.0.0.1:{}/server:1", dev.port),
        None,
        &[],
        Some(&login),
    );
    let registry = format!("dev = \"oci+http://{}\"", cluster.registry());
    let from = format!("dev = \"oci+http://127.0.0.1:{}\"", dev.port);
    bench.edit("web/deploy.toml", &[(&registry, &from)]);
    credentials(&bench, &[&dev]);
    let operator = fs::read_to_string(bench.path("operator.toml")).unwrap();
    let operator = format!("{operator}[clusters.test]\nkubeconfig = {kubeconfig:?}\n");
    fs::write(bench.path("operator.toml"), operator).unwrap();

    let needles = [token.clone(), stands(&token), PASSWORD.to_owned(), stands(&login)];
    let mut run = bench
        .command(&program("slipway"), "web", &["run", "test", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let seen = watch(&mut run, &needles);
    let output = run.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&printed));
    // The search finds what is there: the host has the token, and plugins have manifests.
    assert!(seen.manifests > 0 && seen.host, "{seen:?}");
    assert_eq!(seen.leaks, [""; 0]);

    let mut printed = vec![printed];
    for arguments in [
        ["status", "test"].as_slice(),
        &["history"],
        &["logs", "test"],
        &["diff", "test"],
        &["archive", "list"],
        &["--verbose", "plan", "test"],
    ] {
        let ran = bench.slipway("web", arguments);
        printed.push((ran.stdout + &ran.stderr).into_bytes());
    }
    let leaks: Vec<_> = printed.iter().filter(|text| holds_one(text, &needles)).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let mut files = 0;
    for folder in ["web", "cache", "agent"] {
        let (leaks, count) = files_with(&bench.path(folder), &needles);
        assert_eq!(leaks, [""; 0]);
        files += count;
    }
    assert!(files > 30, "{files}");
}

#[derive(Debug, Default)]
struct Seen {
    /// Of plugins, while they were looked at.
    memories: usize,
    /// Those with a manifest in them.
    manifests: usize,
    /// Whether the host has it, who needs it.
    host: bool,
    leaks: Vec<String>,
}

/// Stops a process again and again and looks at the memories of its plugins, until it ends.
fn watch(run: &mut Child, needles: &[String]) -> Seen {
    let mut seen = Seen::default();
    let signal = |name: &str| {
        let status = Command::new("kill").args([name, &run.id().to_string()]).status();
        status.is_ok_and(|status| status.success())
    };
    let id = run.id();
    while signal("-STOP") {
        look(id, needles, &mut seen);
        signal("-CONT");
        std::thread::sleep(Duration::from_millis(10));
        if fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            break;
        }
    }
    seen
}

fn look(id: u32, needles: &[String], seen: &mut Seen) {
    let (Ok(maps), Ok(mut memory)) = (
        fs::read_to_string(format!("/proc/{id}/maps")),
        fs::File::open(format!("/proc/{id}/mem")),
    ) else {
        return;
    };
    let maps: Vec<_> = maps.lines().filter_map(mapping).collect();
    for (position, (start, end, rights)) in maps.iter().enumerate() {
        let reserved = maps.get(position + 1).is_some_and(|(next, end_of_next, rights)| {
            next == end && rights.starts_with("---") && end_of_next - next > RESERVED
        });
        let heap = !seen.host && *rights == "rw-p" && !reserved && end - start < RESERVED;
        if *rights != "rw-p" || !(reserved || heap) {
            continue;
        }
        let mut bytes = vec![0; usize::try_from(end - start).expect("it fits into memory")];
        let read = memory
            .seek(SeekFrom::Start(*start))
            .and_then(|_| memory.read_exact(&mut bytes));
        if read.is_err() {
            continue;
        }
        if heap {
            seen.host |= holds_one(&bytes, &needles[..1]);
            continue;
        }
        seen.memories += 1;
        seen.manifests += usize::from(holds(&bytes, b"kind: Deployment") || holds(&bytes, b"\"Deployment\""));
        if let Some(position) = needles.iter().position(|needle| holds(&bytes, needle.as_bytes())) {
            seen.leaks.push(format!("credential {position} at {start:x}"));
        }
    }
}

fn mapping(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(start)?, number(end)?, words.next()?))
}

/// An account with a token and nothing else, and a kubeconfig of it.
fn token(cluster: &Cluster) -> (String, std::path::PathBuf) {
    cluster.kubectl_must(&["create", "serviceaccount", "operator"]);
    let grant = [
        "create",
        "clusterrolebinding",
        "operator",
        "--clusterrole=cluster-admin",
    ];
    let grant: Vec<_> = grant
        .into_iter()
        .chain(["--serviceaccount=default:operator"])
        .collect();
    cluster.kubectl_must(&grant);
    let token = cluster
        .kubectl_must(&["create", "token", "operator"])
        .trim()
        .to_owned();
    let kubeconfig = cluster.path("token.kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters: [{{ name: test, cluster: {{ server: {:?}, certificate-authority: {:?} }} }}]\n\
         contexts: [{{ name: test, context: {{ cluster: test, user: operator }} }}]\n\
         users: [{{ name: operator, user: {{ token: {token:?} }} }}]\n",
        cluster.api(),
        cluster.path("pki/ca.crt")
    );
    fs::write(&kubeconfig, text).expect("a file can be written");
    (token, kubeconfig)
}
