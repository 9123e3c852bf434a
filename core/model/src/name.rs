//! Names of services, environments, instances and runs: safe as file names, host names and label values.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("{what} cannot be empty")]
    Empty { what: &'static str },
    #[error("{what} has at most {limit} characters, `{name}` has {length}")]
    Long {
        what: &'static str,
        name: String,
        length: usize,
        limit: usize,
    },
    #[error("{what} is made of lower-case letters, digits and inner hyphens, `{name}` is not")]
    Characters { what: &'static str, name: String },
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $limit:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                check(text, $what, $limit).map(|()| Self(text.into()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                check(&text, $what, $limit).map(|()| Self(text.into()))
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name!(
    /// What is deployed. Short, because instance names begin with it.
    ServiceName, "a service name", 40
);
name!(
    /// A place with one target, its values and its strategy.
    EnvironmentName, "an environment name", 40
);
name!(
    /// One running copy: `<service>-<environment>-<revision>-<n>`.
    InstanceName, "an instance name", 110
);
name!(
    /// One execution of steps for one service and environment. Sorts by time of creation.
    RunId, "a run id", 40
);

fn check(name: &str, what: &'static str, limit: usize) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty { what });
    }
    let length = name.chars().count();
    if length > limit {
        return Err(NameError::Long {
            what,
            name: name.chars().take(limit).collect(),
            length,
            limit,
        });
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(allowed) || name.starts_with('-') || name.ends_with('-') {
        return Err(NameError::Characters {
            what,
            name: name.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels() {
        for good in ["a", "shop", "shop-2", "0"] {
            good.parse::<ServiceName>().unwrap();
        }
        let long = "a".repeat(41);
        for bad in ["", "-a", "a-", "Shop", "a_b", "a.b", "../a", "a b", "é", &long] {
            assert!(bad.parse::<ServiceName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn errors_name_what_cannot_be_called_so() {
        let error = |error: NameError| error.to_string();
        assert_eq!(
            error("".parse::<ServiceName>().unwrap_err()),
            "a service name cannot be empty"
        );
        assert_eq!(
            error("A".parse::<EnvironmentName>().unwrap_err()),
            "an environment name is made of lower-case letters, digits and inner hyphens, `A` is not"
        );
    }
}
