//! A real registry that asks for a password, ended with the test that started it.

use std::{
    fs,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Bench, free_port, installed};

pub const PASSWORD: &str = "correct-horse-battery";

/// A registry that asks for a password.
pub struct RegistryServer {
    process: Child,
    pub port: u16,
}

impl RegistryServer {
    /// Keeps everything in a folder of the bench.
    pub fn start(bench: &Bench, name: &str) -> Self {
        let folder = bench.path(name);
        fs::create_dir_all(&folder).expect("the registry can be started");
        let hashed = Command::new(installed("htpasswd", "apache2-utils"))
            .args(["-nbB", "ci", PASSWORD])
            .output()
            .expect("the registry can be started");
        let passwords = folder.join("htpasswd");
        fs::write(&passwords, hashed.stdout).expect("the registry can be started");
        let port = free_port();
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n\
             auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
            folder.join("data").display(),
            passwords.display()
        );
        let file = folder.join("config.yml");
        fs::write(&file, config).expect("the registry can be started");
        let process = Command::new(installed("docker-registry", "docker-registry"))
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry can be started");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the registry does not answer"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, port }
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        self.process.kill().expect("a child can be killed");
        self.process.wait().expect("a child can be waited for");
    }
}

/// Writes the operator's file: with it, and only with it, these can be asked.
pub fn credentials(bench: &Bench, servers: &[&RegistryServer]) {
    let password = bench.path("password");
    fs::write(&password, PASSWORD).expect("the operator's file can be written");
    let logins = servers.iter().map(|server| {
        format!(
            "[credentials.\"127.0.0.1:{}\"]\nusername = \"ci\"\npassword = {{ file = {password:?} }}\n",
            server.port
        )
    });
    fs::write(bench.path("operator.toml"), logins.collect::<String>())
        .expect("the operator's file can be written");
}
