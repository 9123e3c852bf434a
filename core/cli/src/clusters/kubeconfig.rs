//! Clusters as kubectl knows them: a context of a kubeconfig file becomes an endpoint with its authorities and
//! credentials. Inside a pod, where there is no file, it is the cluster around it.
//!
//! Credentials are read at the moment of use: a token may be a file that is renewed, or what a program prints.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use slipway_engine::Failed;
use slipway_plugin::{Address, Endpoint, Secret, Tls};

use super::{
    secrets::ValuesOfSecrets,
    token::{Exec, Token},
};

/// What a pod finds of its service account.
const IN_CLUSTER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Kubeconfig {
    current_context: Option<String>,
    contexts: Vec<Named>,
    clusters: Vec<Named>,
    users: Vec<Named>,
    /// Where it was read, for the paths in it.
    #[serde(skip)]
    folder: PathBuf,
}

/// An entry of one of the lists, which call what they hold by their own names.
#[derive(Debug, Deserialize)]
struct Named {
    name: String,
    context: Option<Context>,
    cluster: Option<Cluster>,
    user: Option<User>,
}

#[derive(Debug, Clone, Deserialize)]
struct Context {
    cluster: String,
    #[serde(default)]
    user: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: Option<PathBuf>,
    certificate_authority_data: Option<String>,
    #[serde(default)]
    insecure_skip_tls_verify: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct User {
    client_certificate: Option<PathBuf>,
    client_certificate_data: Option<String>,
    client_key: Option<PathBuf>,
    client_key_data: Option<String>,
    token: Option<String>,
    #[serde(rename = "tokenFile")]
    token_file: Option<PathBuf>,
    username: Option<String>,
    password: Option<String>,
    exec: Option<Exec>,
}

/// The endpoint of a context; of the current one, if none is named. `files` are read as kubectl reads `KUBECONFIG`: what
/// stands in an earlier one counts.
pub(crate) fn cluster(files: &[PathBuf], context: Option<&str>) -> Result<Endpoint, Failed> {
    let mut read = Vec::new();
    for file in files.iter().filter(|file| file.exists()) {
        read.push(Kubeconfig::read(file)?);
    }
    if read.is_empty() && context.is_none() && Path::new(IN_CLUSTER).exists() {
        return in_cluster();
    }
    let shown: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let shown = shown.join(", ");
    if read.is_empty() {
        let text = format!("there is no kubeconfig ({shown})");
        return Err(
            Failed::new(text).hint("set KUBECONFIG, or `kubeconfig` under [clusters] in the operator's file")
        );
    }
    let current = read.iter().find_map(|config| config.current_context.as_deref());
    let name = context.or(current.filter(|name| !name.is_empty()));
    let name = name.ok_or_else(|| {
        Failed::new(format!("{shown} has no current context"))
            .hint("name one: target = { .., context = \"..\" }")
    })?;
    let missing = |kind: &str, name: &str| Failed::new(format!("{shown} has no {kind} `{name}`"));
    let all = || read.iter().flat_map(|config| &config.contexts);
    let context = all()
        .find(|named| named.name == name)
        .and_then(|named| named.context.clone())
        .ok_or_else(|| {
            let known: Vec<_> = all().map(|named| named.name.as_str()).collect();
            missing("context", name).hint(format!("there are: {}", known.join(", ")))
        })?;
    let (cluster, at) = read
        .iter()
        .find_map(|config| {
            let named = config
                .clusters
                .iter()
                .find(|named| named.name == context.cluster)?;
            Some((named.cluster.clone()?, &config.folder))
        })
        .ok_or_else(|| missing("cluster", &context.cluster))?;
    let user = read.iter().find_map(|config| {
        let named = config.users.iter().find(|named| named.name == context.user)?;
        Some((named.user.clone()?, &config.folder))
    });
    let (user, user_at) = match user {
        Some(found) => found,
        None if context.user.is_empty() => (User::default(), at),
        None => return Err(missing("user", &context.user)),
    };
    endpoint(name, (&cluster, at), (user, user_at))
}

fn endpoint(
    name: &str,
    (cluster, at): (&Cluster, &Path),
    (user, user_at): (User, &Path),
) -> Result<Endpoint, Failed> {
    let what = |part: &str| format!("the {part} of context `{name}`");
    let authorities = pem(
        &what("certificate authority"),
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
        at,
    )?;
    let certificate = pem(
        &what("client certificate"),
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
        user_at,
    )?;
    let key = pem(
        &what("client key"),
        user.client_key_data.as_deref(),
        user.client_key.as_deref(),
        user_at,
    )?;
    let identity = certificate
        .zip(key)
        .map(|(certificate, key)| Secret::new(format!("{certificate}\n{key}")));
    let mut headers = Vec::new();
    if let (Some(username), Some(password)) = (&user.username, &user.password) {
        let login = BASE64_STANDARD.encode(format!("{username}:{password}"));
        headers.push(("authorization".to_owned(), Secret::new(format!("Basic {login}"))));
    }
    let token = match (user.token, user.token_file, user.exec) {
        (Some(token), ..) => Some(Token::Fixed(Secret::new(token))),
        (None, Some(file), _) => Some(Token::File(user_at.join(file))),
        (None, None, Some(exec)) => Some(Token::Exec(exec.beside(user_at), Default::default())),
        (None, None, None) => None,
    };
    let tls = Tls {
        authorities,
        identity,
        insecure: cluster.insecure_skip_tls_verify,
    };
    Ok(Endpoint {
        headers,
        tls: (tls != Tls::default()).then(|| Arc::new(tls)),
        token: token.map(|token| Arc::new(token) as _),
        withheld: Some(Arc::new(ValuesOfSecrets)),
        ..Endpoint::at(Address::Url(cluster.server.clone()))
    })
}

fn in_cluster() -> Result<Endpoint, Failed> {
    let variable = |name: &str| {
        env::var(name).map_err(|_| Failed::new(format!("this pod has no {name} in its environment")))
    };
    let (host, port) = (
        variable("KUBERNETES_SERVICE_HOST")?,
        variable("KUBERNETES_SERVICE_PORT")?,
    );
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    let folder = Path::new(IN_CLUSTER);
    let authorities = pem(
        "the cluster's certificate authority",
        None,
        Some(Path::new("ca.crt")),
        folder,
    )?;
    let tls = Tls {
        authorities,
        ..Tls::default()
    };
    Ok(Endpoint {
        tls: Some(Arc::new(tls)),
        token: Some(Arc::new(Token::File(folder.join("token")))),
        withheld: Some(Arc::new(ValuesOfSecrets)),
        ..Endpoint::at(Address::Url(format!("https://{host}:{port}")))
    })
}

/// As it stands in the file, or in a file beside it.
fn pem(what: &str, data: Option<&str>, file: Option<&Path>, beside: &Path) -> Result<Option<String>, Failed> {
    if let Some(data) = data.filter(|data| !data.is_empty()) {
        let text = BASE64_STANDARD
            .decode(data.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| Failed::new(format!("{what} is not PEM in base64")))?;
        return Ok(Some(text));
    }
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else {
        return Ok(None);
    };
    let path = beside.join(file);
    let text = fs::read_to_string(&path)
        .map_err(|error| Failed::new(format!("{what} is to be in {}: {error}", path.display())))?;
    Ok(Some(text))
}

impl Kubeconfig {
    fn read(path: &Path) -> Result<Self, Failed> {
        let text = fs::read_to_string(path)
            .map_err(|error| Failed::new(format!("cannot read {}: {error}", path.display())))?;
        // The reader's own words would quote the file, which holds keys.
        let config: Self = serde_saphyr::from_str(&text).map_err(|error| {
            let at = error
                .location()
                .map_or(String::new(), |at| format!(", line {}", at.line()));
            Failed::new(format!("{}{at}: it is not a kubeconfig", path.display()))
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(Self { folder, ..config })
    }
}
