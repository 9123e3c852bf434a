//! The small platform that comes with a new target: a real server that runs real processes.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::installed;

/// Ends with all that it runs when it is dropped.
pub struct Platform {
    process: Child,
    pub url: String,
    token: String,
}

impl Platform {
    /// Of this project. Whoever asks it says this token.
    pub fn start(project: &Path, folder: &Path, token: &str) -> Self {
        let script = project.join("example/platform.py");
        let mut command = Command::new(installed("python3", "python3"));
        command
            .arg(script)
            .args(["--port", "0"])
            .arg(folder)
            .env("PLATFORM_TOKEN", token);
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform can be started");
        let mut url = String::new();
        let said = process.stdout.take().expect("it was asked for");
        BufReader::new(said)
            .read_line(&mut url)
            .expect("the platform says where it is");
        Self {
            process,
            url: url.trim().to_owned(),
            token: token.to_owned(),
        }
    }

    /// How often it has begun each instance.
    pub fn starts(&self) -> BTreeMap<String, u64> {
        let host = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(host).expect("the platform is there");
        let token = &self.token;
        let request = format!(
            "GET /v1/starts HTTP/1.1\r\nhost: {host}\r\nauthorization: {token}\r\nconnection: close\r\n\r\n"
        );
        connection
            .write_all(request.as_bytes())
            .expect("the platform listens");
        let mut answer = String::new();
        connection
            .read_to_string(&mut answer)
            .expect("the platform answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("headers, then the answer");
        serde_json::from_str(body).expect("numbers by name")
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let pid = self.process.id().to_string();
        // It ends what it runs before it ends.
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        if asked.is_ok_and(|status| status.success()) {
            drop(self.process.wait());
        }
    }
}
