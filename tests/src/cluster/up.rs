//! A cluster of its own number, by `tests/cluster/up.sh`. It is gone when this is dropped, and when the test is killed.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::image::push_image;

pub struct Cluster {
    keeper: Child,
    folder: PathBuf,
    address: String,
    kube: PathBuf,
}

impl Cluster {
    /// Pods run when this returns, some seconds later. The first time, Kubernetes is unpacked from what `KUBE_XZ`
    /// names, or compiled.
    pub fn start() -> Self {
        let built = output(script().arg("build"));
        let kube = PathBuf::from(built.trim());
        // The keeper removes it, also when this process does not come to it.
        let folder = (tempfile::Builder::new().prefix("slipway-cluster-").tempdir())
            .expect("a folder can be made")
            .keep();
        let mut keeper = script()
            .arg("keep")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("bash can be started");
        let mut said = String::new();
        let stdout = keeper.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut said).expect("text");
        let Some(address) = said.trim().strip_prefix("ready ") else {
            let mut why = String::new();
            let stderr = keeper.stderr.as_mut().expect("it is piped");
            stderr.read_to_string(&mut why).expect("text");
            panic!("the cluster does not start:\n{said}{why}");
        };
        let address = address.to_owned();
        Self {
            keeper,
            folder,
            address,
            kube,
        }
    }

    /// Where the node is: its NodePorts answer here.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn api(&self) -> String {
        format!("https://{}:6443", self.address)
    }

    /// The administrator's.
    pub fn kubeconfig(&self) -> PathBuf {
        self.path("kubeconfig")
    }

    /// `host:port` of a registry without TLS and passwords, by the same name inside the cluster and outside.
    pub fn registry(&self) -> String {
        format!("{}:5000", self.address)
    }

    /// The test's web server (`tests/cluster/server.rs`) as an image in the registry; answers what to write in a pod.
    pub fn server_image(&self, name: &str) -> String {
        let reference = format!("{}/{name}", self.registry());
        push_image(&reference, None, &[], None);
        reference
    }

    /// The command without its arguments.
    pub fn kubectl(&self) -> Command {
        let mut command = Command::new(&self.kube);
        command.arg("kubectl").arg("--kubeconfig").arg(self.kubeconfig());
        command
    }

    /// Succeeds, or the test fails with what was said.
    pub fn kubectl_must(&self, arguments: &[&str]) -> String {
        output(self.kubectl().args(arguments))
    }

    /// An object as it is now; none if it is not there.
    pub fn get(&self, namespace: &str, what: &str) -> Option<Value> {
        let arguments = ["-n", namespace, "get", what, "-o", "json", "--ignore-not-found"];
        let text = self.kubectl_must(&arguments);
        (!text.trim().is_empty()).then(|| serde_json::from_str(&text).expect("kubectl prints JSON"))
    }

    /// Runs something where the cluster's pods and services are reached.
    pub fn inside(&self) -> Command {
        let mut command = script();
        command.arg("exec").arg(&self.folder);
        command
    }

    /// What one of the cluster's own files is called, such as `log/kubelet`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Kills the API server, which is started again.
    pub fn kill_api(&self) {
        let mark = self.path("pki/server.crt").display().to_string();
        let mark = format!("--tls-cert-file={mark}");
        for process in std::fs::read_dir("/proc").expect("Linux has it").flatten() {
            let command = std::fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
            let pid = process.file_name();
            if command.split('\0').nth(1) == Some("kube-apiserver")
                && command.split('\0').any(|word| word == mark)
            {
                output(Command::new("kill").arg("-KILL").arg(&pid));
            }
        }
    }

    /// What a port of the node answers: status and body.
    pub fn ask(&self, port: u16, path: &str) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect((self.address.as_str(), port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or(io::ErrorKind::InvalidData)?, body.to_owned()))
    }

    /// Waits until something is so. After a restart of the API server the cluster's own parts come back with growing pauses.
    #[track_caller]
    pub fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let began = Instant::now();
        while !so() {
            assert!(
                began.elapsed() < Duration::from_secs(180),
                "not within three minutes: {what}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its standard input is the sign.
        drop(self.keeper.stdin.take());
        let ended = self.keeper.wait().expect("a child can be waited for");
        assert!(
            ended.success() || std::thread::panicking(),
            "the cluster cannot be taken down: {ended}"
        );
    }
}

fn script() -> Command {
    let mut command = Command::new("bash");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster/up.sh"));
    command
}

#[track_caller]
pub(super) fn output(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        status.success(),
        "{command:?}: {status}\n{}",
        String::from_utf8_lossy(&stderr)
    );
    String::from_utf8_lossy(&stdout).into_owned()
}
