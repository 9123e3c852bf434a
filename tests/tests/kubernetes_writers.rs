//! One writer at a time: whoever comes second waits, in one ledger and across two, and goes on from what the first left.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use slipway_tests::{Bench, Cluster, program};

/// A run in another process, and what it says.
struct Operator {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Operator {
    fn begin(bench: &Bench, arguments: &[&str]) -> Self {
        let mut child = bench
            .command(&program("slipway"), "web", arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = mpsc::channel();
        let told = BufReader::new(child.stderr.take().expect("it is piped"));
        thread::spawn(move || {
            for line in told.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            said: String::new(),
        }
    }

    /// Until it has said so.
    fn says(&mut self, what: &str) {
        let end = Instant::now() + Duration::from_secs(120);
        while !self.said.contains(what) {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push_str(&format!("{line}\n")),
                Err(_) => panic!("it has not said `{what}`:\n{}", self.said),
            }
        }
    }

    /// Its exit code, and all that it has said.
    fn ends(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("it ends");
        self.said.extend(self.lines.iter().map(|line| line + "\n"));
        (status.code(), self.said)
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()));
    }
}

fn bench(cluster: &Cluster) -> Bench {
    let bench = Bench::web(cluster);
    bench.edit(
        "web/deploy.toml",
        &[
            ("mode = \"side-by-side\"", "mode = \"in-place\""),
            ("type = \"recreate\"", "type = \"rolling\"\nbatch = [1]"),
            ("soak = \"1s\"", "soak = \"8s\""),
        ],
    );
    bench
}

#[test]
fn who_comes_second_waits_for_the_first() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = bench(&cluster);
    let mut first = Operator::begin(&bench, &["run", "test"]);
    first.says("watch revision");
    bench.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    let refused = bench.slipway("web", &["run", "test", "--version", "2.0.0", "--wait", "0s"]);
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("web in test is being changed by"),
        "{}",
        refused.stderr
    );
    let mut second = Operator::begin(&bench, &["run", "test", "--version", "2.0.0"]);
    second.says("waiting for another run: web in test is being changed by");
    let mut third = Operator::begin(&bench, &["run", "test", "--version", "3.0.0"]);
    third.says("Ctrl-C ends the waiting");
    third.signal("-INT");
    let (code, said) = third.ends();
    assert_eq!(code, Some(5), "{said}");
    let (code, said) = first.ends();
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = second.ends();
    assert_eq!(code, Some(0), "{said}");
    // Its plan was made when the first had ended.
    assert!(said.contains("replace web-test-"), "{said}");
    assert_eq!(
        cluster.ask(bench.port, "/version").ok(),
        Some((200, "2.0.0".to_owned()))
    );
    let lease = cluster.get("web", "lease/slipway-web-test").unwrap();
    assert_eq!(lease["spec"].get("holderIdentity"), None, "{lease}");
    assert_eq!(lease["spec"]["leaseTransitions"], 1, "{lease}");
}

#[test]
fn so_does_who_has_another_ledger_and_who_was_overtaken_writes_nothing() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let (one, other) = (bench(&cluster), bench(&cluster));
    let mut first = Operator::begin(&one, &["run", "test"]);
    first.says("watch revision");
    let mut second = Operator::begin(&other, &["run", "test"]);
    second.says(", run 20");
    second.says(": web in test is being changed from another ledger; Ctrl-C ends the waiting");
    second.signal("-INT");
    let (code, said) = second.ends();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("and nothing was touched"), "{said}");
    let mut third = Operator::begin(&other, &["run", "test"]);
    third.says("web in test is being changed from another ledger");
    let (code, said) = first.ends();
    assert_eq!(code, Some(0), "{said}");
    // It is the same revision: what is there already is left as it is.
    let (code, said) = third.ends();
    assert_eq!(code, Some(0), "{said}");

    // One that dies is not waited for longer than its claim lasts, and does not write when it comes back.
    one.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    other.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    let mut first = Operator::begin(&one, &["run", "test", "--version", "2.0.0"]);
    first.says("watch revision");
    first.signal("-KILL");
    first.ends();
    let began = Instant::now();
    let second = Operator::begin(&other, &["run", "test", "--version", "2.0.0"]);
    let (code, said) = second.ends();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("is being changed from another ledger") && began.elapsed() > Duration::from_secs(30),
        "{said}"
    );
    let resumed = one.slipway("web", &["resume"]);
    assert_eq!(resumed.code, Some(1), "{}", resumed.stderr);
    assert!(
        resumed
            .stderr
            .contains("has been changed from another ledger since this run was interrupted"),
        "{}",
        resumed.stderr
    );
    assert_eq!(
        cluster.ask(one.port, "/version").ok(),
        Some((200, "2.0.0".to_owned()))
    );
}
