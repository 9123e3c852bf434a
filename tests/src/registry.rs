//! A real registry that asks for a password, ended with the test that started it.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Bench, free_port, installed};

pub const PASSWORD: &str = "correct-horse-battery";

/// A registry that asks for a password.
pub struct RegistryServer {
    process: Child,
    password: String,
    pub port: u16,
}

impl RegistryServer {
    /// Keeps everything in a folder of the bench.
    pub fn start(bench: &Bench, name: &str) -> Self {
        Self::asking_for(bench, name, PASSWORD)
    }

    /// One with a password that nobody else has.
    pub fn asking_for(bench: &Bench, name: &str, password: &str) -> Self {
        let folder = bench.path(name);
        fs::create_dir_all(&folder).expect("the registry can be started");
        let passwords = folder.join("htpasswd");
        fs::write(&passwords, hashed(password)).expect("the registry can be started");
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
        Self {
            process,
            password: password.to_owned(),
            port,
        }
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        self.process.kill().expect("a child can be killed");
        self.process.wait().expect("a child can be waited for");
    }
}

/// Writes the operator's file: with it, and only with it, these can be asked. They all have the same password.
pub fn credentials(bench: &Bench, servers: &[&RegistryServer]) {
    let password = bench.path("password");
    fs::write(&password, &servers[0].password).expect("the operator's file can be written");
    let logins = servers.iter().map(|server| {
        format!(
            "[credentials.\"127.0.0.1:{}\"]\nusername = \"ci\"\npassword = {{ file = {password:?} }}\n",
            server.port
        )
    });
    fs::write(bench.path("operator.toml"), logins.collect::<String>())
        .expect("the operator's file can be written");
}

/// A line of a file of passwords. Told where nobody sees it, since tests that look at all processes run beside this.
fn hashed(password: &str) -> Vec<u8> {
    let mut process = Command::new(installed("htpasswd", "apache2-utils"))
        .args(["-niB", "ci"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the registry can be started");
    let mut input = process.stdin.take().expect("it is piped");
    input
        .write_all(password.as_bytes())
        .expect("the registry can be started");
    drop(input);
    process
        .wait_with_output()
        .expect("the registry can be started")
        .stdout
}
