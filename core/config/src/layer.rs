//! Layers: the sources of values, each with the rank that decides who wins.

use std::path::PathBuf;

use serde_json::Value;
use slipway_model::{Diagnostic, Span};

use crate::{
    Origin,
    formats::toml,
    node::{Kind, Member, Node},
};

/// Larger than this, a values file is refused unread.
const LIMIT: usize = 1 << 20;

/// Lowest first. Layers of one rank keep the order that they are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Default,
    Overlay,
    Environment,
    CommandLine,
}

#[derive(Debug, Clone)]
pub struct Layer {
    pub(crate) rank: Rank,
    pub(crate) name: String,
    pub(crate) source: Source,
}

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Given(Vec<(String, Value)>),
    Toml {
        file: PathBuf,
        text: String,
        within: Within,
    },
}

/// Which part of a TOML file holds the values.
#[derive(Debug, Clone)]
pub(crate) enum Within {
    Whole,
    /// `[parameters.<name>] default = ...`
    Defaults,
    /// `[environments.<name>] values = { ... }`
    Environment(String),
    /// `[environments.<name>.clusters.<name>] values = { ... }`
    Cluster(String, String),
    /// `[environments.<name>.dependencies.<name>] values = { ... }`
    Dependency(String, String),
}

/// One value of a layer, with its place.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) key: Span,
    pub(crate) node: Node,
}

impl Layer {
    /// The defaults that the text of a `deploy.toml` declares.
    pub fn defaults(file: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self::toml(Rank::Default, "default", file, text, Within::Defaults)
    }

    /// An overlay's `values.toml`. Give an overlay that has none an empty text: its path is where a missing value
    /// is asked for.
    pub fn overlay(name: impl Into<String>, file: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self::toml(Rank::Overlay, name, file, text, Within::Whole)
    }

    /// The `values` of one environment in the text of a `deploy.toml`.
    pub fn environment(name: &str, file: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self::toml(
            Rank::Environment,
            name,
            file,
            text,
            Within::Environment(name.to_owned()),
        )
    }

    /// The `values` of one of the clusters that an environment is made of.
    pub fn cluster(
        (environment, cluster): (&str, &str),
        file: impl Into<PathBuf>,
        text: impl Into<String>,
    ) -> Self {
        let within = Within::Cluster(environment.to_owned(), cluster.to_owned());
        let name = format!("{environment}-{cluster}");
        Self::toml(Rank::Environment, name, file, text, within)
    }

    /// The `values` that one environment has for a dependency, in the text of the `deploy.toml` that depends on it.
    pub fn dependency(
        (environment, name): (&str, &str),
        file: impl Into<PathBuf>,
        text: impl Into<String>,
    ) -> Self {
        let within = Within::Dependency(environment.to_owned(), name.to_owned());
        Self::toml(Rank::Environment, environment, file, text, within)
    }

    /// `--set NAME=VALUE`, already of the parameter's type.
    pub fn command_line(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self::given(Rank::CommandLine, "command line", values)
    }

    /// Values without a file, such as the defaults in a package.
    pub fn given(
        rank: Rank,
        name: impl Into<String>,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        Self {
            rank,
            name: name.into(),
            source: Source::Given(values.into_iter().collect()),
        }
    }

    fn toml(
        rank: Rank,
        name: impl Into<String>,
        file: impl Into<PathBuf>,
        text: impl Into<String>,
        within: Within,
    ) -> Self {
        let source = Source::Toml {
            file: file.into(),
            text: text.into(),
            within,
        };
        Self {
            rank,
            name: name.into(),
            source,
        }
    }

    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Diagnostic> {
        match &self.source {
            Source::Given(values) => Ok(values
                .iter()
                .map(|(name, value)| Entry {
                    name: name.clone(),
                    key: Span::default(),
                    node: Node::from_value(value),
                })
                .collect()),
            Source::Toml { file, text, .. } if text.len() > LIMIT => Err(Diagnostic::error(
                "values-too-large",
                format!(
                    "a file with values has at most {LIMIT} bytes, this one has {}",
                    text.len()
                ),
            )
            .label(file, Span::default(), "this file")),
            Source::Toml { file, text, within } => {
                let root = toml::parse(text).map_err(|malformed| {
                    Diagnostic::error("values-malformed", "this is not TOML")
                        .label(file, malformed.span, malformed.why)
                        .help("values are written as `name = value`, one on a line")
                })?;
                Ok(within.entries(root))
            }
        }
    }

    pub(crate) fn origin(&self, span: Span) -> Origin {
        match &self.source {
            Source::Given(_) => Origin::layer(&self.name),
            Source::Toml { file, text, .. } => Origin::at(&self.name, file, text, span),
        }
    }

    /// Points `diagnostic` at `span`, or says which layer it is about where there is no file.
    pub(crate) fn label(&self, diagnostic: Diagnostic, span: Span, text: impl Into<String>) -> Diagnostic {
        match &self.source {
            Source::Given(_) => diagnostic.help(format!("it was set by: {}", self.name)),
            Source::Toml { file, .. } => diagnostic.label(file, span, text),
        }
    }
}

impl Within {
    fn entries(&self, root: Node) -> Vec<Entry> {
        match self {
            Self::Whole => members(root)
                .map(|(name, member)| Entry {
                    name,
                    key: member.key,
                    node: member.node,
                })
                .collect(),
            Self::Defaults => child(root, "parameters")
                .into_iter()
                .flat_map(members)
                .filter_map(|(name, member)| {
                    let mut default = members(member.node).filter(|(key, _)| key == "default");
                    let (_, found) = default.next()?;
                    Some(Entry {
                        name,
                        key: found.key,
                        node: found.node,
                    })
                })
                .collect(),
            Self::Environment(name) => Self::below(root, &["environments", name, "values"]),
            Self::Cluster(environment, name) => {
                Self::below(root, &["environments", environment, "clusters", name, "values"])
            }
            Self::Dependency(environment, name) => Self::below(
                root,
                &["environments", environment, "dependencies", name, "values"],
            ),
        }
    }

    /// The values in a table, if it is there.
    fn below(root: Node, path: &[&str]) -> Vec<Entry> {
        let mut path = path.iter();
        let table = path.try_fold(root, |node, key| child(node, key));
        table
            .map(|values| Self::Whole.entries(values))
            .unwrap_or_default()
    }
}

fn child(node: Node, key: &str) -> Option<Node> {
    members(node)
        .find(|(name, _)| name == key)
        .map(|(_, member)| member.node)
}

fn members(node: Node) -> impl Iterator<Item = (String, Member)> {
    match node.kind {
        Kind::Map(members) => members.into_iter(),
        Kind::Scalar(_) | Kind::List(_) => indexmap::IndexMap::new().into_iter(),
    }
}
