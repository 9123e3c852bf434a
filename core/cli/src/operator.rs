//! The operator's file: addresses, credentials and secrets of this machine, outside of any service's folder.
//!
//! Looked for at `$SLIPWAY_OPERATOR`, then `$XDG_CONFIG_HOME/slipway/operator.toml` (`~/.config/slipway/operator.toml`).
//! Every credential is a source (environment, file, command) that is read at the moment of use.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use serde::Deserialize;
use serde_json::Value;
use slipway_agent::Client;
use slipway_archive::{BucketAccess, Destination, SigningKey};
use slipway_engine::{Failed, Operator, trust::Trust};
use slipway_journal::PostgresSettings;
use slipway_plugin::{Address, Capabilities, Endpoint, Failure, FailureKind, Http, Secret, Wanted};
use slipway_registry::{Credentials, Login, Signer};
use tokio::sync::OnceCell;

use crate::{clusters, error::Problems};

mod trust;

pub(crate) use trust::public_key;
use trust::{SigningSettings, TrustSettings};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OperatorFile {
    agent: AgentSettings,
    archive: ArchiveSettings,
    /// Where the ledgers of services are; otherwise each is in the folder of its service.
    ledger: Option<LedgerSettings>,
    /// By name, for copies of archives.
    buckets: BTreeMap<String, BucketSettings>,
    /// By name, as manifests and plugins know them.
    endpoints: BTreeMap<String, EndpointSettings>,
    /// By the name that manifests use for a context; others are looked up in the kubeconfig that kubectl would read.
    clusters: BTreeMap<String, ClusterSettings>,
    folders: BTreeMap<String, PathBuf>,
    /// Where plugins may run programs.
    hosts: BTreeMap<String, HostSettings>,
    /// By `host` or `host:port` of a registry.
    credentials: BTreeMap<String, LoginSettings>,
    /// Hosts (`host` or `host:port`) that are asked over `http://` for what no digest is known of.
    plain_http: BTreeSet<String>,
    /// By environment and name; the environment `*` is any.
    secrets: BTreeMap<String, BTreeMap<String, SecretSource>>,
    /// What signs the packages that are released.
    signing: SigningSettings,
    /// Whose signatures count, by registry and path; without it nobody's are asked for.
    trust: Option<TrustSettings>,
    /// Connected when first needed; the path of its socket is good as long as it lives.
    #[serde(skip)]
    client: Arc<OnceCell<Client>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct AgentSettings {
    dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct ArchiveSettings {
    /// An Ed25519 key in PEM that signs the entries.
    key: Option<PathBuf>,
    /// Where each finished run is copied to, below the name of its service: `oci://`, `s3://` or a folder.
    copy_to: Vec<String>,
}

/// A bucket of S3 or of what speaks it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BucketSettings {
    /// Unless it is Amazon's.
    endpoint: Option<String>,
    #[serde(default = "BucketSettings::region")]
    region: String,
    access_key: SecretSource,
    secret_key: SecretSource,
    session_token: Option<SecretSource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LedgerSettings {
    url: String,
    /// Replaces the one of the URL.
    password: Option<SecretSource>,
    /// How long a server that is lost in the midst of a run is waited for.
    wait: Option<slipway_model::Duration>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct EndpointSettings {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, SecretSource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ClusterSettings {
    kubeconfig: Option<PathBuf>,
    context: Option<String>,
    /// Kinds that formats may look up there.
    #[serde(default)]
    lookup: BTreeSet<String>,
}

/// This machine needs none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostSettings {}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LoginSettings {
    username: String,
    password: SecretSource,
}

/// Where a secret is read from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum SecretSource {
    Env(String),
    File(PathBuf),
    Command(Vec<String>),
}

impl OperatorFile {
    /// Empty where there is none.
    pub(crate) fn read() -> Result<Self, Failed> {
        let path = path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && env::var_os("SLIPWAY_OPERATOR").is_none() =>
            {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Failed::new(format!(
                    "cannot read the operator's file {}: {error}",
                    path.display()
                )));
            }
        };
        toml::from_str(&text)
            .map_err(|error| Failed::new(format!("the operator's file {}: {error}", path.display())))
    }

    /// What signs the entries of archives, if anything does.
    pub(crate) fn archive_key(&self) -> Result<Option<Arc<SigningKey>>, Failed> {
        let key = self.archive.key.as_deref().map(SigningKey::read).transpose();
        Ok(key.map_err(Failed::from_error)?.map(Arc::new))
    }

    /// What signs packages, if anything does.
    pub(crate) fn package_signer(&self) -> Result<Option<Arc<Signer>>, Failed> {
        Ok(self.signing.signer(&path())?.map(Arc::new))
    }

    /// Whose signatures count, if anything says it; or everything that is wrong with that.
    pub(crate) fn trust(&self) -> Result<Option<Arc<Trust>>, Problems> {
        let policy = self.trust.as_ref().map(|settings| settings.policy(&path()));
        Ok(policy.transpose()?.map(Arc::new))
    }

    /// The database that holds the ledgers, if one does.
    pub(crate) fn ledger(&self) -> Result<Option<PostgresSettings>, Failed> {
        let Some(LedgerSettings { url, password, wait }) = &self.ledger else {
            return Ok(None);
        };
        let mut settings: PostgresSettings = url
            .parse()
            .map_err(|error| Failed::new(format!("{}: [ledger] url: {error}", path().display())))?;
        if let Some(password) = password {
            settings = settings.password(password.read("the password of the ledger")?.reveal());
        }
        if let Some(wait) = wait {
            settings = settings.patience(wait.std());
        }
        Ok(Some(settings))
    }

    /// What says that a database holds the ledgers.
    pub(crate) fn ledger_line() -> String {
        format!("[ledger] url = \"postgresql://...\" in {}", path().display())
    }

    /// Where archives are copied to.
    pub(crate) fn copies(&self) -> Result<Vec<Destination>, Failed> {
        let places = self.archive.copy_to.iter().map(|place| place.parse());
        places.collect::<Result<Vec<Destination>, _>>().map_err(|error| {
            Failed::from_error(error).hint(format!("[archive] copy-to in {}", path().display()))
        })
    }

    /// How a bucket is reached.
    pub(crate) fn bucket(&self, name: &str) -> Result<BucketAccess, Failed> {
        let known = self.buckets.get(name).ok_or_else(|| {
            Failed::new(format!("nobody says how the bucket `{name}` is reached")).hint(format!(
                "[buckets.{name}] endpoint = \"...\", access-key = {{ env = \"...\" }} and secret-key = {{ env = \"...\" }} in {}",
                path().display()
            ))
        })?;
        let read = |source: &SecretSource, what: &str| -> Result<String, Failed> {
            Ok(source
                .read(&format!("the {what} of bucket {name}"))?
                .reveal()
                .to_owned())
        };
        let token = known.session_token.as_ref();
        Ok(BucketAccess {
            endpoint: known.endpoint.clone(),
            region: known.region.clone(),
            access_key: read(&known.access_key, "access key")?,
            secret_key: read(&known.secret_key, "secret key")?,
            token: token.map(|token| read(token, "session token")).transpose()?,
        })
    }

    /// The agent, started if it does not run.
    pub(crate) async fn agent(&self) -> Result<&Client, Failed> {
        let connect = || async {
            let exe = env::current_exe().map_err(Failed::from_error)?;
            Client::connect_or_start(&self.agent_dir(), &exe)
                .await
                .map_err(Failed::from_error)
        };
        self.client.get_or_try_init(connect).await
    }

    /// Whether anybody says where a secret is kept.
    pub(crate) fn knows_secret(&self, environment: &str, name: &str) -> bool {
        self.source(environment, name).is_some()
    }

    /// What says where a secret is kept.
    pub(crate) fn secret_line(environment: &str, name: &str) -> String {
        format!(
            "[secrets.{environment}] {name} = {{ env = \"...\" }} in {}",
            path().display()
        )
    }

    fn source(&self, environment: &str, name: &str) -> Option<&SecretSource> {
        [environment, "*"]
            .iter()
            .find_map(|environment| self.secrets.get(*environment)?.get(name))
    }

    /// Where the agent of this user keeps everything.
    pub(crate) fn agent_dir(&self) -> PathBuf {
        if let Some(dir) = env::var_os("SLIPWAY_AGENT_DIR") {
            return dir.into();
        }
        self.agent
            .dir
            .clone()
            .unwrap_or_else(|| home("XDG_STATE_HOME", ".local/state").join("slipway/agent"))
    }
}

impl BucketSettings {
    /// What servers that know no regions call theirs.
    fn region() -> String {
        "us-east-1".to_owned()
    }
}

impl SecretSource {
    fn read(&self, what: &str) -> Result<Secret, Failed> {
        let text = match self {
            Self::Env(name) => env::var(name).map_err(|_| {
                Failed::new(format!(
                    "{what} is to be in the environment as {name}, and is not"
                ))
            })?,
            Self::File(path) => fs::read_to_string(path)
                .map_err(|error| Failed::new(format!("{what} is to be in {}: {error}", path.display())))?,
            Self::Command(words) => command(words, what)?,
        };
        Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
    }
}

impl Credentials for OperatorFile {
    fn login(&self, host: &str) -> Option<Login> {
        let known = self.credentials.get(host)?;
        match known.password.read(&format!("the password for {host}")) {
            Ok(password) => Some(Login::new(&known.username, password.reveal())),
            Err(failed) => {
                tracing::warn!("{failed}");
                None
            }
        }
    }
}

#[async_trait::async_trait]
impl Operator for OperatorFile {
    async fn endpoint(&self, name: &str) -> Result<Endpoint, Failed> {
        if name == "agent" {
            let client = self.agent().await?;
            return Ok(Endpoint::at(Address::Unix(client.socket().to_path_buf())).fenced());
        }
        let known = self.endpoints.get(name).ok_or_else(|| {
            Failed::new(format!("the operator has granted no endpoint `{name}`")).hint(format!(
                "[endpoints.{name}] url = \"...\" in {}",
                path().display()
            ))
        })?;
        let mut headers = Vec::new();
        for (header, source) in &known.headers {
            headers.push((
                header.clone(),
                source.read(&format!("the header {header} of endpoint {name}"))?,
            ));
        }
        Ok(Endpoint {
            headers,
            ..Endpoint::at(Address::Url(known.url.clone()))
        })
    }

    async fn cluster(&self, context: Option<&str>) -> Result<Endpoint, Failed> {
        let known = context.and_then(|name| self.clusters.get(name));
        let files = match known.and_then(|known| known.kubeconfig.clone()) {
            Some(file) => vec![file],
            None => kubeconfigs(),
        };
        // Of a file of its own it is the current one; otherwise it is called as here.
        let context = known.map_or(context, |known| match &known.kubeconfig {
            Some(_) => known.context.as_deref(),
            None => known.context.as_deref().or(context),
        });
        clusters::cluster(&files, context)
    }

    async fn look_up(
        &self,
        context: Option<&str>,
        wanted: &Wanted,
        http: &dyn Http,
    ) -> Result<Option<Value>, Failure> {
        let known = context.and_then(|name| self.clusters.get(name));
        let granted = known.is_some_and(|known| known.lookup.contains(&wanted.kind));
        if !granted && !clusters::is_secret(&wanted.kind) {
            let text = format!("{wanted}: the operator lets nobody look up that kind");
            let name = context.unwrap_or("NAME");
            let mut hint = format!(
                "[clusters.{name}] lookup = [\"{}\"] in {}",
                wanted.kind,
                path().display()
            );
            if context.is_none() {
                hint += ", and `context = \"NAME\"` in the environment's target";
            }
            return Err(Failure::new(FailureKind::Refused, text).hint(hint));
        }
        let cluster = self.cluster(context).await.map_err(unknown)?;
        clusters::look_up(http, &cluster, wanted).await
    }

    async fn capabilities(&self, context: Option<&str>, http: &dyn Http) -> Result<Capabilities, Failure> {
        let cluster = self.cluster(context).await.map_err(unknown)?;
        clusters::capabilities(http, &cluster).await
    }

    async fn folder(&self, name: &str) -> Result<PathBuf, Failed> {
        if name == "machine" {
            return Ok(self.agent_dir());
        }
        self.folders.get(name).cloned().ok_or_else(|| {
            Failed::new(format!("the operator has granted no folder `{name}`"))
                .hint(format!("[folders] {name} = \"...\" in {}", path().display()))
        })
    }

    fn host(&self, name: &str) -> Result<(), Failed> {
        if self.hosts.contains_key(name) {
            return Ok(());
        }
        let text = format!("the operator lets no plugin run programs on the host `{name}`");
        Err(Failed::new(text).hint(format!("[hosts.{name}] in {}", path().display())))
    }

    fn plain_http(&self, host: &str) -> Result<(), Failed> {
        if self.plain_http.contains(host) {
            return Ok(());
        }
        let text = format!(
            "it comes over http:// and without a digest: whoever is between here and {host} decides what it says"
        );
        Err(Failed::new(text).hint(format!(
            "name it by https://; or take it as it comes: plain-http = [\"{host}\"] in {}",
            path().display()
        )))
    }

    async fn secret(&self, environment: &str, name: &str) -> Result<Secret, Failed> {
        let source = self.source(environment, name).ok_or_else(|| {
            Failed::new(format!(
                "nobody says where the secret `{name}` of {environment} is"
            ))
            .hint(Self::secret_line(environment, name))
        })?;
        source.read(&format!("the secret {name}"))
    }
}

fn command(words: &[String], what: &str) -> Result<String, Failed> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Failed::new(format!("{what}: no command is named")))?;
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| Failed::new(format!("{what} is to come from `{program}`: {error}")))?;
    if !output.status.success() {
        return Err(Failed::new(format!(
            "{what} is to come from `{program}`, which ended with {}",
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|_| Failed::new(format!("{what}: `{program}` prints no UTF-8")))
}

/// Those that kubectl would read.
fn unknown(failed: Failed) -> Failure {
    Failure {
        kind: FailureKind::Failed,
        message: failed.message,
        hint: failed.hint,
    }
}

fn kubeconfigs() -> Vec<PathBuf> {
    let home = || Path::new(&env::var_os("HOME").unwrap_or_else(|| "/".into())).join(".kube/config");
    let named = env::var_os("KUBECONFIG").filter(|named| !named.is_empty());
    named.map_or_else(|| vec![home()], |named| env::split_paths(&named).collect())
}

fn path() -> PathBuf {
    let given = env::var_os("SLIPWAY_OPERATOR").map(PathBuf::from);
    given.unwrap_or_else(|| home("XDG_CONFIG_HOME", ".config").join("slipway/operator.toml"))
}

/// A folder of the XDG base directory specification.
pub(crate) fn home(variable: &str, fallback: &str) -> PathBuf {
    let given = env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    given.unwrap_or_else(|| {
        let home = env::var_os("HOME").unwrap_or_else(|| "/".into());
        Path::new(&home).join(fallback)
    })
}
