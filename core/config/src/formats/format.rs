//! Which format a file is in, and its text as a [`Node`] and back, whichever it is.

use serde_json::Value;
use slipway_model::Span;

use super::{emit, json, toml, yaml, yaml_edit};
use crate::node::{Kind, Node};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Toml,
    Yaml,
}

/// A text that is not of its format.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) span: Span,
    pub(crate) why: String,
}

impl Format {
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// One, but for a YAML stream.
    pub(crate) fn documents(self, text: &str) -> Result<Vec<Node>, Malformed> {
        match self {
            Self::Json => json::parse(text).map(|node| vec![node]),
            Self::Toml => toml::parse(text).map(|node| vec![node]),
            Self::Yaml => yaml::parse(text),
        }
    }

    /// A YAML stream of several documents is a list of them.
    pub(crate) fn parse(self, text: &str) -> Result<Node, Malformed> {
        self.documents(text).map(|mut documents| match documents.len() {
            1 => documents.remove(0),
            _ => Node::new(
                Kind::List(documents),
                Span {
                    start: 0,
                    end: text.len(),
                },
            ),
        })
    }

    /// `value` in this format, changing as little of `original` as the format's library can: TOML keeps comments and
    /// layout, YAML keeps them where the edit can be proven right and otherwise only the order, JSON has none.
    /// `documents` says that `value` is a list of YAML documents.
    pub(crate) fn write(self, original: &str, value: &Value, documents: bool) -> Result<String, String> {
        let written = match self {
            Self::Json => json::write(value),
            Self::Toml => toml::write(original, value)?,
            Self::Yaml => {
                let same = |text: &String| self.parse(text).is_ok_and(|node| node.value() == *value);
                let edited = yaml_edit::write(original, value, documents);
                edited
                    .filter(same)
                    .unwrap_or_else(|| emit::write(value, documents))
            }
        };
        match self.parse(&written) {
            Ok(node) if node.value() == *value => Ok(written),
            _ => Err("the result cannot be written in this format".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(format: Format, original: &str, value: Value, expected: &str) {
        assert_eq!(format.write(original, &value, false).unwrap(), expected);
    }

    #[test]
    fn what_does_not_differ_is_not_touched() {
        check(
            Format::Toml,
            "a = 1 # x\nb = 'y'\n",
            json!({"a": 2, "b": "y"}),
            "a = 2 # x\nb = 'y'\n",
        );
        check(
            Format::Toml,
            "[t]\n# c\na = 0x10\nb = 1\n",
            json!({"t": {"a": 16}}),
            "[t]\n# c\na = 0x10\n",
        );
        check(
            Format::Yaml,
            "a: 1 # x\nb: 'y'\n",
            json!({"a": 2, "b": "y"}),
            "a: 2 # x\nb: 'y'\n",
        );
        check(
            Format::Yaml,
            "# c\n- 0o17\n- 1\n",
            json!([15, 2]),
            "# c\n- 0o17\n- 2\n",
        );
        check(
            Format::Yaml,
            "a: &x [1]\nb: *x\n",
            json!({"a": [1], "b": 2}),
            "a: &x [1]\nb: 2\n",
        );
    }

    #[test]
    fn an_edit_that_would_mean_something_else_is_written_anew() {
        // The alias follows its anchor: changing the one in place would change the other.
        check(
            Format::Yaml,
            "a: &x [1] # c\nb: *x\n",
            json!({"a": [2], "b": [1]}),
            "a:\n- 2\nb:\n- 1\n",
        );
    }

    #[test]
    fn what_a_format_cannot_say_is_refused() {
        for value in [
            json!({"a": null}),
            json!([1]),
            json!({"a": u64::MAX}),
            json!({"a": [null]}),
        ] {
            assert!(Format::Toml.write("", &value, false).is_err(), "{value}");
        }
    }

    fn table() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-20_i64..20).prop_map(Value::from),
            "[ -~\n]{0,8}".prop_map(Value::from),
        ];
        let inner = leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[a-d]", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        prop::collection::vec(("[a-d]", inner), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn any_change_can_be_written(before in table(), after in table()) {
            for format in [Format::Toml, Format::Yaml, Format::Json] {
                let original = match format {
                    Format::Toml => format.write("", &before, false).unwrap(),
                    Format::Yaml => emit::write(&before, false).replacen('\n', " # c\n", 1),
                    Format::Json => json::write(&before),
                };
                prop_assert!(format.write(&original, &after, false).is_ok(), "{}", original);
            }
        }
    }
}
