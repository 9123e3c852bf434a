//! What a plugin asks for of the operator's things, in the words of the contract: `endpoint NAME`, `endpoint of SETTING`,
//! `host NAME`, `host of SETTING`, `folder NAME`, `cluster of SETTING`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Need {
    Endpoint(Name),
    Host(Name),
    Folder(String),
    /// The kubeconfig context that this setting names, or the current one; an endpoint that is called [`CLUSTER`].
    Cluster(String),
}

/// What says which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    Is(String),
    /// The value of this setting: a name, or a list of names.
    Of(String),
}

/// What a call knows the API server of its cluster by.
pub const CLUSTER: &str = "cluster";
/// The folder of the revision that a call is about: no thing of the operator's.
const DEPLOYMENT: &str = "deployment";

/// What is asked for in words that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "it asks for `{0}`, which nothing can grant: this slipway grants endpoints, hosts, folders and clusters"
)]
pub struct NoNeed(pub String);

impl Need {
    /// Is it given with each call, and asked of nobody?
    pub fn is_of_the_call(&self) -> bool {
        matches!(self, Self::Folder(name) if name == DEPLOYMENT)
    }
}

impl Name {
    /// What a call knows each by, and what the operator calls it. One that a setting names is known by the setting's own name,
    /// those of a list by theirs.
    pub fn of<'a>(&'a self, settings: &'a Value) -> Vec<(&'a str, &'a str)> {
        match self {
            Self::Is(name) => vec![(name, name)],
            Self::Of(setting) => match &settings[setting] {
                Value::String(name) => vec![(setting, name)],
                Value::Array(names) => names
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|name| (name, name))
                    .collect(),
                _ => Vec::new(),
            },
        }
    }
}

impl FromStr for Need {
    type Err = NoNeed;

    fn from_str(text: &str) -> Result<Self, NoNeed> {
        let words: Vec<_> = text.split(' ').collect();
        let is_good = |word: &&str| !word.is_empty() && !word.contains(char::is_control);
        let words = words.iter().all(is_good).then_some(words.as_slice());
        Ok(match words {
            Some(["endpoint", name]) => Self::Endpoint(Name::Is((*name).to_owned())),
            Some(["endpoint", "of", setting]) => Self::Endpoint(Name::Of((*setting).to_owned())),
            Some(["host", name]) => Self::Host(Name::Is((*name).to_owned())),
            Some(["host", "of", setting]) => Self::Host(Name::Of((*setting).to_owned())),
            Some(["folder", name]) => Self::Folder((*name).to_owned()),
            Some(["cluster", "of", setting]) => Self::Cluster((*setting).to_owned()),
            _ => return Err(NoNeed(text.to_owned())),
        })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(name) => write!(f, "endpoint {name}"),
            Self::Host(name) => write!(f, "host {name}"),
            Self::Folder(name) => write!(f, "folder {name}"),
            Self::Cluster(setting) => write!(f, "cluster of {setting}"),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(name) => f.write_str(name),
            Self::Of(setting) => write!(f, "of {setting}"),
        }
    }
}

impl TryFrom<String> for Need {
    type Error = NoNeed;

    fn try_from(text: String) -> Result<Self, NoNeed> {
        text.parse()
    }
}

impl From<Need> for String {
    fn from(need: Need) -> Self {
        need.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_asked_for_is_what_it_was_written_as() {
        for good in [
            "endpoint api",
            "endpoint of",
            "endpoint of api",
            "host build",
            "host of hosts",
            "folder deployment",
            "cluster of context",
        ] {
            assert_eq!(
                good.parse::<Need>().map(|need| need.to_string()).as_deref(),
                Ok(good)
            );
        }
        for bad in [
            "",
            "endpoint",
            "endpoint ",
            "endpoint  api",
            "endpoint of a b",
            "cluster",
            "cluster context",
            "folder of x",
            "device gpu",
            "endpoint a\u{1b}",
        ] {
            assert_eq!(bad.parse::<Need>(), Err(NoNeed(bad.to_owned())));
        }
    }

    #[test]
    fn a_setting_names_one_or_many() {
        let check = |need: &str, settings: Value, expected: &[(&str, &str)]| {
            let (Need::Endpoint(name) | Need::Host(name)) = need.parse().unwrap() else {
                panic!("{need} has no name");
            };
            assert_eq!(name.of(&settings), expected, "{need}");
        };
        check("endpoint api", json!({}), &[("api", "api")]);
        check("endpoint of api", json!({ "api": "acme" }), &[("api", "acme")]);
        check(
            "host of hosts",
            json!({ "hosts": ["one", "two"] }),
            &[("one", "one"), ("two", "two")],
        );
        check("host of hosts", json!({ "hosts": [] }), &[]);
        check("endpoint of api", json!({ "api": 1 }), &[]);
        check("endpoint of api", json!({}), &[]);
    }
}
