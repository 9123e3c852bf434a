//! Who we are to a registry. The caller knows where that is kept and hands it over per host; here it is only used.
//!
//! A login is shown by no `Debug`, no error and no log.

use std::{fmt, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::error::{Cause, OrFail, Result};

/// A user name and a password, or an access token in the password's place.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: String,
}

/// Looks a host up, `host` or `host:port` as the registry's address has it. Asked when a server demands it.
pub trait Credentials: Send + Sync {
    fn login(&self, host: &str) -> Option<Login>;
}

/// No credentials for anybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anonymous;

impl Login {
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }

    /// The value of an `Authorization` header.
    pub(crate) fn basic(&self) -> String {
        format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password))
        )
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

impl Credentials for Anonymous {
    fn login(&self, _: &str) -> Option<Login> {
        None
    }
}

impl<F: Fn(&str) -> Option<Login> + Send + Sync> Credentials for F {
    fn login(&self, host: &str) -> Option<Login> {
        self(host)
    }
}

/// The login that `docker login` or `skopeo login` left for this host in a file. Helper programs are not asked.
pub fn docker_config(file: &Path, host: &str) -> Result<Option<Login>> {
    let read = || -> Result<Option<Login>, Cause> {
        // A parser's message can quote the text, and the text holds secrets.
        let malformed = || Cause::Malformed("it is not a docker configuration".to_owned());
        let config: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file)?).map_err(|_| malformed())?;
        let Some(auth) = config["auths"][host]["auth"]
            .as_str()
            .filter(|auth| !auth.is_empty())
        else {
            return Ok(None);
        };
        let decoded = BASE64_STANDARD
            .decode(auth)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let (user, password) = decoded
            .as_deref()
            .and_then(|text| text.split_once(':'))
            .ok_or_else(malformed)?;
        Ok(Some(Login::new(user, password)))
    };
    read().or_fail("read the credentials in", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_configuration() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{ "auths": { "host:5000": { "auth": "bWU6aHVudGVyMg==" }, "empty": {}, "bad": { "auth": "%" } } }"#;
        std::fs::write(file.path(), text).unwrap();
        let found = |host| docker_config(file.path(), host);
        assert_eq!(found("host:5000").unwrap(), Some(Login::new("me", "hunter2")));
        assert_eq!(found("host").unwrap(), None);
        assert_eq!(found("empty").unwrap(), None);
        assert!(found("bad").is_err());
        std::fs::write(file.path(), "hunter2").unwrap();
        assert!(!found("host").unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn a_login_is_not_shown() {
        assert_eq!(format!("{:?}", Login::new("me", "hunter2")), "Login(..)");
    }
}
