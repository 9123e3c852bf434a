//! Servers that archives are copied to: one that speaks S3 and keeps objects as files, and a real registry.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use slipway_archive::{Archive, BucketAccess};
use slipway_registry::{Anonymous, Client, Patience};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

/// A place for archives that is not this folder.
pub(crate) trait Place {
    fn archive(&self) -> Archive;
    /// The file in which the server keeps a blob.
    fn blob(&self, hex: &str) -> PathBuf;
}

pub(crate) struct S3 {
    runtime: Runtime,
    folder: TempDir,
    address: String,
}

pub(crate) struct Registry {
    runtime: Runtime,
    folder: TempDir,
    process: Child,
    address: String,
}

impl S3 {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("evidence")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("ci", "correct-horse"));
        let service = service.build();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    // A client that goes away is not ours to tell.
                    drop(builder.serve_connection(TokioIo::new(socket), service).await);
                });
            }
        });
        Self {
            runtime,
            folder,
            address,
        }
    }

    pub(crate) fn with(&self, secret: &str, prefix: &str) -> Archive {
        let access = BucketAccess {
            endpoint: Some(format!("http://{}", self.address)),
            region: "us-east-1".to_owned(),
            access_key: "ci".to_owned(),
            secret_key: secret.to_owned(),
            token: None,
        };
        Archive::in_bucket("evidence", prefix, access, self.runtime.handle().clone()).unwrap()
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.path().join("evidence/shop/prod")
    }
}

impl Place for S3 {
    fn archive(&self) -> Archive {
        self.with("correct-horse", "shop/prod")
    }

    fn blob(&self, hex: &str) -> PathBuf {
        self.objects().join("blobs/sha256").join(hex)
    }
}

impl Registry {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Taken, and let go for the server to take.
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let config = folder.path().join("config.yml");
        let storage = folder.path().join("storage");
        let text = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: '{}' }} }}\nhttp: {{ addr: '{address}' }}\n",
            storage.display()
        );
        fs::write(&config, text).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed (the Debian package of that name)");
        let began = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the registry does not answer"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Self {
            runtime: Runtime::new().unwrap(),
            folder,
            process,
            address,
        }
    }
}

impl Place for Registry {
    fn archive(&self) -> Archive {
        let client = Client::new(Anonymous, Patience::default()).unwrap();
        let url = format!("oci://{}/evidence/shop", self.address).parse().unwrap();
        Archive::in_repository(&url, &client, self.runtime.handle().clone()).unwrap()
    }

    fn blob(&self, hex: &str) -> PathBuf {
        let blobs = Path::new("storage/docker/registry/v2/blobs/sha256");
        self.folder
            .path()
            .join(blobs)
            .join(&hex[..2])
            .join(hex)
            .join("data")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
