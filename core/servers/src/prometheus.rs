//! A Prometheus server of one's own, which scrapes one page and evaluates rules each second. It ends with whoever started it, and its data too.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
/// Stops the server at the end of its input. `$0` is its folder.
const KEEPER: &str = r#"
"$@" < /dev/null &
read -r wish
kill $!
wait $!
rm -rf "$0"
"#;

/// Stopped when it is dropped.
pub struct Prometheus {
    port: u16,
    shell: Child,
    input: Option<ChildStdin>,
    folder: TempDir,
}

impl Prometheus {
    /// Scrapes `http://TARGET/metrics`, where a target is `host:port`.
    pub fn start(target: &str) -> Self {
        Self::with_rules(target, "groups: []\n")
    }

    /// The same, with rules as they stand in a file of rules.
    pub fn with_rules(target: &str, rules: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("slipway-prometheus-")
            .tempdir()
            .expect("a folder can be made");
        let settings = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\nrule_files: [rules.yml]\n\
             scrape_configs: [{{ job_name: test, static_configs: [{{ targets: [{target:?}] }}] }}]\n"
        );
        let config = folder.path().join("prometheus.yml");
        fs::write(&config, settings).expect("a file can be written");
        fs::write(folder.path().join("rules.yml"), rules).expect("a file can be written");
        let log = fs::File::create(folder.path().join("log")).expect("a log can be written");
        let port = free_port();
        let mut shell = Command::new("sh")
            .args(["-c", KEEPER])
            .arg(folder.path())
            .arg("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a shell runs");
        let input = shell.stdin.take();
        let server = Self {
            port,
            shell,
            input,
            folder,
        };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
            assert!(
                started.elapsed() < PATIENCE,
                "no answer (is it installed? apt-get install --no-install-recommends prometheus): {log}"
            );
            thread::sleep(Duration::from_millis(50));
        }
        server
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.input.take();
        // It ends by itself once the server has.
        let _ = self.shell.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    listener.local_addr().expect("a listener has an address").port()
}
