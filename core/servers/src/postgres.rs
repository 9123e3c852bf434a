//! A PostgreSQL server of one's own: with a password, with TLS if asked for, able to be killed and started again.
//!
//! The server is watched over by a shell that ends when its input does. So it goes with whoever started it, however that
//! one goes, and its data with it. The server refuses to run as root and is run as `nobody` then.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::{
        fs::{OpenOptionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const USER: &str = "slipway";
/// It stands in a URL and has to be written otherwise there.
const PASSWORD: &str = "s3cret/p@ss";
const PASSWORD_IN_URL: &str = "s3cret%2Fp%40ss";
const PATIENCE: Duration = Duration::from_secs(60);
/// Stops the server at the end of its input, and leaves nothing behind unless that is asked for. `$0` is the folder.
const KEEPER: &str = r#"
"$@" < /dev/null &
read -r wish
kill -QUIT $!
wait $!
[ "$wish" = keep ] || rm -rf "$0"
"#;
/// Where Debian keeps the programs, by version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Stopped when it is dropped; its data is gone then.
pub struct Postgres {
    folder: Folder,
    programs: PathBuf,
    port: u16,
    settings: Vec<String>,
    keeper: Mutex<Option<Keeper>>,
    databases: AtomicU32,
}

/// The folder of a server, which may belong to another user.
struct Folder {
    path: PathBuf,
    user: Option<(u32, u32)>,
    _kept: TempDir,
}

/// The shell that ends the server when its input ends.
struct Keeper {
    shell: Child,
    input: Option<ChildStdin>,
}

impl Postgres {
    /// One for all tests of a process, stopped when the process ends.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    pub fn start() -> Self {
        Self::run_in(Folder::new(&std::env::temp_dir()), Vec::new())
    }

    /// With its data below this folder, which everybody may look into.
    pub fn start_below(folder: &Path) -> Self {
        Self::run_in(Folder::new(folder), Vec::new())
    }

    /// With a certificate and its key, in PEM.
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        let folder = Folder::new(&std::env::temp_dir());
        let file = |name, text| folder.write(name, text).display().to_string();
        let settings = vec![
            format!("ssl_cert_file={}", file("certificate", certificate)),
            format!("ssl_key_file={}", file("key", key)),
            "ssl=on".to_owned(),
        ];
        Self::run_in(folder, settings)
    }

    fn run_in(folder: Folder, settings: Vec<String>) -> Self {
        let programs = programs();
        let password = folder.write("password", PASSWORD);
        let made = folder
            .command(&programs.join("initdb"))
            .args([
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .args(["--username", USER, "--pwfile"])
            .arg(password)
            .arg("--pgdata")
            .arg(folder.data())
            .output()
            .expect("initdb runs");
        let said = [made.stdout, made.stderr].concat();
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&said)
        );
        let server = Self {
            port: free_port(),
            folder,
            programs,
            settings,
            keeper: Mutex::new(None),
            databases: AtomicU32::new(0),
        };
        server.restart();
        server
    }

    /// A new database, as a URL with its password.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// The same database by the server's socket.
    pub fn by_socket(&self, url: &str) -> String {
        let folder = self.folder.path.display().to_string().replace('/', "%2F");
        url.replace("127.0.0.1", &folder)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a statement answers, by `psql`, as the superuser; a value a line.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let asked = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", statement])
            .arg(self.url(database))
            .output()
            .expect("psql runs");
        let said = String::from_utf8_lossy(&asked.stderr);
        assert!(asked.status.success(), "{statement}: {said}");
        String::from_utf8_lossy(&asked.stdout).trim_end().to_owned()
    }

    /// As a machine that loses its power: nothing is finished, no one is told.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.folder.data().join("postmaster.pid")).expect("the server runs");
        let pid = pid
            .lines()
            .next()
            .expect("its first line is a process id")
            .to_owned();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let signal = |pid: &str| {
            let killed = Command::new("kill")
                .args(["-KILL", pid])
                .stderr(Stdio::null())
                .status();
            killed.expect("kill runs");
        };
        signal(&pid);
        children.split_ascii_whitespace().for_each(signal);
        self.lock().take();
    }

    /// In order: who is connected is told.
    pub fn stop(&self) {
        self.lock().take();
    }

    /// After a kill or a stop; back when it answers.
    pub fn restart(&self) {
        let mut keeper = self.lock();
        assert!(keeper.is_none(), "it runs already");
        let started = Instant::now();
        loop {
            *keeper = Some(self.keep());
            while keeper.as_mut().is_some_and(Keeper::runs) {
                if self.answers() {
                    return;
                }
                assert!(started.elapsed() < PATIENCE, "no answer: {}", self.log());
                thread::sleep(Duration::from_millis(20));
            }
            // Those that it was killed with may still be going.
            assert!(started.elapsed() < PATIENCE, "it does not start: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        let asked = Command::new(self.programs.join("pg_isready"))
            .args(["--quiet", "--host=127.0.0.1", "--port", &self.port.to_string()])
            .status();
        asked.expect("pg_isready runs").success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path.join("log")).unwrap_or_default()
    }

    fn keep(&self) -> Keeper {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path.join("log"))
            .expect("a log can be written");
        let mut shell = self.folder.command(Path::new("sh"));
        shell
            .args(["-c", KEEPER])
            .arg(&self.folder.path)
            .arg(self.programs.join("postgres"))
            .arg("-D")
            .arg(self.folder.data())
            .args(["-p", &self.port.to_string(), "-k"])
            .arg(&self.folder.path);
        for setting in [
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            "shared_buffers=32MB",
        ] {
            shell.args(["-c", setting]);
        }
        for setting in &self.settings {
            shell.args(["-c", setting]);
        }
        let mut shell = shell
            // What ends a test by the keyboard is not for the shell: it ends the server first.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file has many handles"))
            .stderr(log)
            .spawn()
            .expect("a shell runs");
        let input = shell.stdin.take();
        Keeper { shell, input }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Keeper>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Keeper {
    fn runs(&mut self) -> bool {
        self.shell.try_wait().is_ok_and(|ended| ended.is_none())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            // A shell that is gone has nothing to keep.
            let _ = input.write_all(b"keep\n");
        }
        // It ends by itself once the server has.
        let _ = self.shell.wait();
    }
}

impl Folder {
    fn new(below: &Path) -> Self {
        let kept = tempfile::Builder::new()
            .prefix("slipway-postgres-")
            .tempdir_in(below)
            .expect("a folder can be made");
        let path = kept.path().to_path_buf();
        let user = (id(&["-u"]) == 0).then(|| (id(&["-u", "nobody"]), id(&["-g", "nobody"])));
        let folder = Self {
            path,
            user,
            _kept: kept,
        };
        folder.give(&folder.path);
        folder
    }

    fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        // A key that others may read is refused.
        let mut file = fs::OpenOptions::new();
        let file = file
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&path);
        let mut file = file.expect("a file can be made");
        file.write_all(text.as_bytes()).expect("a file can be written");
        self.give(&path);
        path
    }

    fn give(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            chown(path, Some(user), Some(group)).expect("root may give a file away");
        }
    }

    /// As whoever the folder belongs to.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.path);
        command
    }
}

fn id(arguments: &[&str]) -> u32 {
    let told = Command::new("id").args(arguments).output().expect("id runs");
    let told = String::from_utf8_lossy(&told.stdout);
    told.trim().parse().expect("id answers with a number")
}

/// The folder with a server and all that belongs to it.
fn programs() -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    // The newest first.
    folders.sort_by_key(|folder| {
        let version = folder
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        std::cmp::Reverse(version.and_then(|version| version.parse::<u32>().ok()))
    });
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let all = ["postgres", "initdb", "psql", "pg_isready"];
    std::env::split_paths(&paths)
        .chain(folders)
        .find(|folder| all.iter().all(|program| folder.join(program).is_file()))
        .expect("PostgreSQL is not installed: apt-get install --no-install-recommends postgresql")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    listener.local_addr().expect("a listener has an address").port()
}
