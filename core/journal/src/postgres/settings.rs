//! Where a ledger's server is: a URL as libpq has it, and what is made of it.
//!
//! `sslmode` means what it does there, with one exception: where the URL does not say, a server that is reached over a
//! network has to prove who it is (`verify-full`), because nobody who forgets a setting should talk to somebody else.
//! On this machine (loopback, Unix socket) it is `prefer` as everywhere. `sslrootcert` names a file of certificates;
//! otherwise those that the system trusts count. <https://www.postgresql.org/docs/current/libpq-connect.html>

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};

use super::tls::{Proof, Tls};
use crate::{Error, Result};

/// How long a server that was lost is waited for, unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(300);
/// For one attempt at one address.
const CONNECTING: Duration = Duration::from_secs(10);
/// A server whose machine is gone is noticed after about this.
const SILENCE: Duration = Duration::from_secs(30);
/// Where Debian and others have the socket of a server on this machine.
const SOCKETS: &str = "/var/run/postgresql";

/// What a person should hear: that a server is waited for, and that it is back.
pub(super) type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// How a ledger in PostgreSQL is reached. Shown without its password.
#[derive(Clone)]
pub struct PostgresSettings {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) patience: Duration,
    pub(super) tell: Tell,
    /// For errors: no user, no password.
    pub(super) ledger: String,
}

impl PostgresSettings {
    /// Replaces the one of the URL.
    pub fn password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// How long a server that was lost is waited for.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Who is told that a server is waited for, and that it is back.
    pub fn tell(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.tell = Arc::new(tell);
        self
    }

    /// The address as it is shown.
    pub fn ledger(&self) -> &str {
        &self.ledger
    }
}

impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ledger)
    }
}

impl FromStr for PostgresSettings {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self> {
        let rest = ["postgresql://", "postgres://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or_else(|| wrong("it begins with `postgresql://`"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // What follows a second one would be taken for a host, and shown.
        if place.matches('@').count() > 1 {
            return Err(wrong(
                "an `@` in a user or password is written `%40`, a `/` is `%2F`",
            ));
        }
        let mut given = Query::default();
        let others = given.take(query)?;
        let mut config: Config = format!("postgresql://{place}?{}", others.join("&"))
            .parse()
            .map_err(|error: tokio_postgres::Error| wrong(source_of(&error)))?;
        defaults(&mut config);
        let proof = given.proof(&config);
        config.ssl_mode(match proof {
            None => SslMode::Disable,
            Some(Proof::IfOffered) => SslMode::Prefer,
            Some(_) => SslMode::Require,
        });
        Ok(Self {
            ledger: shown(&config),
            tls: Tls {
                proof: proof.unwrap_or(Proof::IfOffered),
                roots: given.roots,
            },
            config,
            patience: PATIENCE,
            tell: Arc::new(|_| ()),
        })
    }
}

/// What this program understands of the URL's query by itself.
#[derive(Default)]
struct Query {
    mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Query {
    /// Answers the rest.
    fn take<'a>(&mut self, query: &'a str) -> Result<Vec<&'a str>> {
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8();
            let value = value.map_err(|_| wrong(format!("`{key}` is no text")))?;
            match key {
                "sslmode" => {
                    const KNOWN: [&str; 6] = [
                        "disable",
                        "allow",
                        "prefer",
                        "require",
                        "verify-ca",
                        "verify-full",
                    ];
                    if !KNOWN.contains(&value.as_ref()) {
                        return Err(wrong(format!("`sslmode` is one of {}", KNOWN.join(", "))));
                    }
                    self.mode = Some(value.into_owned());
                }
                "sslrootcert" if value == "system" => self.roots = None,
                "sslrootcert" => self.roots = Some(value.into_owned().into()),
                _ => others.push(pair),
            }
        }
        Ok(others)
    }

    fn proof(&self, config: &Config) -> Option<Proof> {
        // As libpq has it: nobody is in between.
        if config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)))
            && config.get_hostaddrs().is_empty()
        {
            return None;
        }
        match self.mode.as_deref() {
            Some("disable") => None,
            Some("allow" | "prefer") => Some(Proof::IfOffered),
            // As libpq has it: who names certificates wants them to count.
            Some("require") if self.roots.is_some() => Some(Proof::Issuer),
            Some("require") => Some(Proof::Nothing),
            Some("verify-ca") => Some(Proof::Issuer),
            Some(_) => Some(Proof::Name),
            None if is_here(config) => Some(Proof::IfOffered),
            None => Some(Proof::Name),
        }
    }
}

fn defaults(config: &mut Config) {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host_path(SOCKETS);
    }
    if config.get_application_name().is_none() {
        config.application_name("slipway");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTING);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    config.keepalives_idle(SILENCE / 3);
    config.keepalives_interval(SILENCE / 6);
    config.keepalives_retries(4);
    if config.get_hosts().len() > 1 {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

/// Wherever names lead to, an address that is given beside them decides.
fn is_here(config: &Config) -> bool {
    let named = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) if name == "localhost" => true,
        Host::Tcp(name) => name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    };
    config.get_hosts().iter().all(named) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn shown(config: &Config) -> String {
    let port = |index: usize| {
        let ports = config.get_ports();
        ports.get(index).or(ports.first()).copied().unwrap_or(5432)
    };
    let hosts = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            Host::Unix(path) => format!("{}:{}", path.display(), port(index)),
        });
    let addresses = config.get_hostaddrs().iter().enumerate();
    let addresses = addresses.map(|(index, address)| format!("{address}:{}", port(index)));
    let hosts: Vec<_> = match config.get_hosts() {
        [] => addresses.collect(),
        _ => hosts.collect(),
    };
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgresql://{}/{database}", hosts.join(","))
}

/// Says which part, never what was in it.
fn wrong(reason: impl Into<String>) -> Error {
    let reason = reason.into();
    Error::Address {
        reason: format!("{reason}; it is written `postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full`"),
    }
}

pub(super) fn source_of(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, ledger: &str, mode: SslMode, proof: Proof) {
        let settings: PostgresSettings = url.parse().unwrap();
        assert_eq!(settings.ledger, ledger);
        assert_eq!(
            (settings.config.get_ssl_mode(), settings.tls.proof),
            (mode, proof)
        );
    }

    #[test]
    fn urls_as_libpq_has_them() {
        let here = "postgresql://localhost:5432/ledger";
        check(
            "postgresql://ada:secret@localhost/ledger",
            here,
            SslMode::Prefer,
            Proof::IfOffered,
        );
        check(
            "postgres://ada@localhost/ledger?sslmode=disable",
            here,
            SslMode::Disable,
            Proof::IfOffered,
        );
        let there = "postgresql://db.example:5433/ledger";
        let of = |mode: &str| format!("postgresql://ada@db.example:5433/ledger{mode}");
        check(&of(""), there, SslMode::Require, Proof::Name);
        check(&of("?sslmode=prefer"), there, SslMode::Prefer, Proof::IfOffered);
        check(&of("?sslmode=require"), there, SslMode::Require, Proof::Nothing);
        check(
            &of("?sslmode=require&sslrootcert=%2Fca.pem"),
            there,
            SslMode::Require,
            Proof::Issuer,
        );
        check(
            &of("?connect_timeout=3&sslmode=verify-ca"),
            there,
            SslMode::Require,
            Proof::Issuer,
        );
        check(
            "postgresql://ada@one,two:6000/ledger",
            "postgresql://one:5432,two:6000/ledger",
            SslMode::Require,
            Proof::Name,
        );
        check(
            "postgresql:///ledger?host=/run/pg&user=ada",
            "postgresql:///run/pg:5432/ledger",
            SslMode::Disable,
            Proof::IfOffered,
        );
        check(
            "postgresql://ada@/ledger?hostaddr=10.0.0.1",
            "postgresql://10.0.0.1:5432/ledger",
            SslMode::Require,
            Proof::Name,
        );
        check(
            "postgresql://ada@localhost/ledger?hostaddr=10.0.0.1",
            here,
            SslMode::Require,
            Proof::Name,
        );
    }

    #[test]
    fn an_error_names_the_part_and_never_the_password() {
        for (url, expected) in [
            ("mysql://ada:secret@db/ledger", "begins with"),
            ("postgresql://ada:sec@secret@db/ledger", "%40"),
            ("postgresql://ada:secret@db:x/ledger", "port"),
            ("postgresql://ada:secret@db/ledger?sslmode=secret", "verify-full"),
            ("postgresql://ada:secret@db/ledger?colour=secret", "colour"),
            (
                "postgresql://ada:secret@db/ledger?connect_timeout=secret",
                "connect_timeout",
            ),
        ] {
            let error = url.parse::<PostgresSettings>().unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("secret"), "{error}");
        }
        let settings: PostgresSettings = "postgresql://ada:secret@db/ledger".parse().unwrap();
        assert_eq!(format!("{settings:?}"), "postgresql://db:5432/ledger");
    }
}
