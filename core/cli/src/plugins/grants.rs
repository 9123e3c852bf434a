//! What a manifest grants a plugin of the operator's things, against what the plugin asks for.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;
use slipway_manifest::{Binding, Grants, Manifest};
use slipway_plugin::{Kind, Name, Need};

/// One thing of the operator's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    Endpoint(String),
    Host(String),
    Folder(String),
    Cluster,
}

impl Grant {
    /// All that a manifest grants a plugin.
    pub(crate) fn given(grants: &Grants) -> Vec<Self> {
        let all = |names: &[String], grant: fn(String) -> Self| {
            names.iter().cloned().map(grant).collect::<Vec<_>>()
        };
        let mut given = all(&grants.http, Self::Endpoint);
        given.extend(all(&grants.exec, Self::Host));
        given.extend(all(&grants.files, Self::Folder));
        given.extend(grants.cluster.then_some(Self::Cluster));
        given
    }

    /// All that a plugin asks for in a manifest, which says in its settings what some of it is.
    pub(crate) fn wanted(needs: &[Need], manifest: &Manifest, (kind, plugin): (Kind, &str)) -> Vec<Self> {
        let mut wanted = Vec::new();
        let settings = settings(manifest, kind, plugin);
        for need in needs {
            match need {
                Need::Endpoint(name) => wanted.extend(named(name, &settings).map(Self::Endpoint)),
                Need::Host(name) => wanted.extend(named(name, &settings).map(Self::Host)),
                Need::Folder(_) if need.is_of_the_call() => {}
                Need::Folder(name) => wanted.push(Self::Folder(name.clone())),
                Need::Cluster(_) => wanted.push(Self::Cluster),
            }
        }
        wanted.sort();
        wanted.dedup();
        wanted
    }

    /// As deploy.toml grants all of them: `grants = { http = ["api"] }`.
    pub(crate) fn written(grants: &[Self]) -> String {
        let mut keys: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for grant in grants {
            let (key, name) = grant.place();
            keys.entry(key)
                .or_default()
                .extend(name.map(|name| format!("{name:?}")));
        }
        let keys: Vec<_> = keys
            .into_iter()
            .map(|(key, names)| match names.is_empty() {
                true => format!("{key} = true"),
                false => format!("{key} = [{}]", names.join(", ")),
            })
            .collect();
        format!("grants = {{ {} }}", keys.join(", "))
    }

    /// The key of `grants` that it stands under, and how it is called there; what there is but one of is `true`.
    pub(crate) fn place(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Endpoint(name) => ("http", Some(name)),
            Self::Host(name) => ("exec", Some(name)),
            Self::Folder(name) => ("files", Some(name)),
            Self::Cluster => ("cluster", None),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(name) => write!(f, "endpoint {name}"),
            Self::Host(name) => write!(f, "host {name}"),
            Self::Folder(name) => write!(f, "folder {name}"),
            Self::Cluster => f.write_str("cluster"),
        }
    }
}

/// What is asked for or granted, as a person reads it.
pub(crate) fn listed(words: &[impl ToString]) -> String {
    let words: Vec<_> = words.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn named<'a>(name: &'a Name, settings: &'a [Value]) -> impl Iterator<Item = String> + 'a {
    let none = [Value::Null];
    let settings = match name {
        Name::Is(_) => none.to_vec(),
        Name::Of(_) => settings.to_vec(),
    };
    settings.into_iter().flat_map(|settings| {
        let names = name.of(&settings).into_iter();
        names
            .map(|(_, operators)| operators.to_owned())
            .collect::<Vec<_>>()
    })
}

/// Those that a manifest gives a plugin, wherever it uses it.
fn settings(manifest: &Manifest, kind: Kind, plugin: &str) -> Vec<Value> {
    let environments = manifest.environments.values();
    let used = environments.flat_map(|environment| -> Vec<&Binding> {
        match kind {
            Kind::Format => Vec::new(),
            Kind::Target => vec![&environment.target],
            Kind::Router => environment.router.iter().collect(),
            Kind::Check => environment.strategy.asked().collect(),
        }
    });
    used.filter(|binding| binding.plugin == plugin)
        .map(|binding| Value::Object(binding.settings.values.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_said_as_it_is_asked_for() {
        let grants = Grants {
            http: vec!["api".to_owned(), "metrics".to_owned()],
            exec: vec!["local".to_owned()],
            files: vec!["cache".to_owned()],
            cluster: true,
        };
        let given = Grant::given(&grants);
        let words: Vec<_> = given.iter().map(Grant::to_string).collect();
        assert_eq!(
            words,
            [
                "endpoint api",
                "endpoint metrics",
                "host local",
                "folder cache",
                "cluster"
            ]
        );
        assert_eq!(
            Grant::written(&given),
            r#"grants = { cluster = true, exec = ["local"], files = ["cache"], http = ["api", "metrics"] }"#
        );
        assert_eq!(Grant::given(&Grants::default()), []);
    }

    #[test]
    fn a_plugin_asks_for_what_its_settings_name() {
        let text = r#"
[service]
name = "shop"
[artifacts.web]
format = "tarball"
from = "web.tar.gz"
[strategy.careful]
type = "canary"
checks = ["quiet", "other"]
[environments.local]
target = { plugin = "acme", api = "one", hosts = ["a", "b"] }
strategy = "careful"
[environments.prod]
target = { plugin = "acme", api = "two" }
router = { plugin = "acme", api = "three" }
[check.quiet]
plugin = { name = "acme", endpoint = "metrics" }
[check.other]
plugin = { name = "alerts", endpoint = "more" }
"#;
        let manifest = slipway_manifest::parse(std::path::Path::new("deploy.toml"), text).manifest;
        let manifest = manifest.unwrap();
        let check = |kind, needs: &[&str], expected: &[&str]| {
            let needs: Vec<_> = needs.iter().map(|need| need.parse().unwrap()).collect();
            let wanted = Grant::wanted(&needs, &manifest, (kind, "acme"));
            let wanted: Vec<_> = wanted.iter().map(Grant::to_string).collect();
            assert_eq!(wanted, expected);
        };
        check(
            Kind::Check,
            &["endpoint of endpoint", "cluster of context"],
            &["endpoint metrics", "cluster"],
        );
        check(Kind::Check, &["endpoint api"], &["endpoint api"]);
        check(
            Kind::Target,
            &["endpoint of api", "folder deployment"],
            &["endpoint one", "endpoint two"],
        );
        check(
            Kind::Target,
            &["host of hosts", "folder own"],
            &["host a", "host b", "folder own"],
        );
        check(Kind::Router, &["endpoint of api"], &["endpoint three"]);
        check(Kind::Format, &[], &[]);
    }
}
