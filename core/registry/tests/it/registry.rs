//! A real `docker-registry`, started on a free port and stopped by its process id.

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

/// `htpasswd -nbBC 5 deployer hunter2`
const HTPASSWD: &str = "deployer:$2y$05$o/I2n3woJBP2jN8xh1Ng6enwzeR83M4.apGljUAtBYnyXXFDGbGNm\n";

pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) host: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    Nobody,
    /// As `deployer` with the password `hunter2`.
    Basic,
}

/// The files of a server's certificate.
pub(crate) struct Certificate<'a> {
    pub(crate) certificate: &'a Path,
    pub(crate) key: &'a Path,
}

impl Server {
    pub(crate) fn start(auth: Auth) -> Self {
        Self::start_with(auth, None)
    }

    pub(crate) fn start_with(auth: Auth, tls: Option<&Certificate<'_>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("htpasswd"), HTPASSWD).unwrap();
        let auth = match auth {
            Auth::Nobody => String::new(),
            Auth::Basic => format!(
                "auth:\n  htpasswd: {{ realm: test, path: '{}' }}\n",
                path("htpasswd").display()
            ),
        };
        let tls = tls.map_or_else(String::new, |tls| {
            let Certificate { certificate, key } = tls;
            format!(
                ", tls: {{ certificate: '{}', key: '{}' }}",
                certificate.display(),
                key.display()
            )
        });
        let storage = path("storage");
        let config = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: '{}' }} }}\nhttp: {{ addr: '127.0.0.1:0'{tls} }}\n{auth}",
            storage.display(),
        );
        std::fs::write(path("config.yml"), config).unwrap();
        let log = path("log");
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(path("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .expect("`docker-registry` cannot be started; install it: apt-get install docker-registry");
        let mut server = Self {
            child,
            folder,
            host: String::new(),
        };
        server.host = server.wait(&log);
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("oci://{}", self.host)
    }

    /// The files that hold blobs.
    pub(crate) fn blobs(&self) -> usize {
        let folder = self.folder.path().join("storage/docker/registry/v2/blobs/sha256");
        let Ok(prefixes) = std::fs::read_dir(folder) else {
            return 0;
        };
        prefixes
            .map(|prefix| std::fs::read_dir(prefix.unwrap().path()).unwrap().count())
            .sum()
    }

    fn wait(&mut self, log: &Path) -> String {
        for _ in 0..600 {
            let text = std::fs::read_to_string(log).unwrap();
            let address = text
                .split("listening on ")
                .nth(1)
                .and_then(|rest| rest.split(['"', ',', ' ', '\n']).next());
            if let Some(address) = address {
                return address.to_owned();
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "docker-registry ended:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "docker-registry does not listen:\n{}",
            std::fs::read_to_string(log).unwrap()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
