//! What a manifest says of a kind's readiness: comparisons of fields and conditions, all of which must hold. Pure.
//!
//! ```text
//! expression = comparison { "&&" comparison }
//! comparison = operand [ ( "==" | "!=" | ">=" | "<=" | ">" | "<" ) operand ]
//! operand    = 'text' | number | true | false | condition(NAME) | field
//! field      = name { "." name | "[" number "]" | "['" text "']" }
//! ```
//!
//! A field that is not there compares with nothing. Alone, an operand holds if it is there and neither `false` nor
//! empty; a condition, if its status is `True`.

use std::{fmt, str::FromStr};

use serde_json::Value;
use slipway_kubernetes_api::{items, text};

use super::{
    operator::Operator,
    tokens::{Token, tokens},
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression(Vec<Comparison>);

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    left: Operand,
    right: Option<(Operator, Operand)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Literal(Value),
    Condition(String),
    Field(Vec<Step>),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Expression {
    /// The first comparison that does not hold, and what is there instead; none if all hold.
    pub(crate) fn unmet(&self, live: &Value) -> Option<String> {
        let unmet = self.0.iter().find(|comparison| !comparison.holds(live))?;
        let of = |operand: &Operand| match operand {
            Operand::Literal(_) => None,
            named => Some(match named.value(live) {
                None => format!("{named} is not there"),
                Some(value) => format!("{named} is {}", Operand::Literal(value)),
            }),
        };
        let right = unmet.right.as_ref().and_then(|(_, operand)| of(operand));
        let seen: Vec<_> = of(&unmet.left).into_iter().chain(right).collect();
        Some(format!("`{unmet}` does not hold: {}", seen.join(", ")))
    }
}

impl Comparison {
    fn holds(&self, live: &Value) -> bool {
        let left = self.left.value(live);
        let Some((operator, right)) = &self.right else {
            return left.is_some_and(|value| match (&self.left, &value) {
                (Operand::Condition(_), status) => status == "True",
                (_, Value::Null | Value::Bool(false)) => false,
                (_, Value::String(text)) => !text.is_empty(),
                (_, Value::Array(list)) => !list.is_empty(),
                (_, Value::Object(map)) => !map.is_empty(),
                (_, Value::Bool(true) | Value::Number(_)) => true,
            });
        };
        let (Some(left), Some(right)) = (left, right.value(live)) else {
            return false;
        };
        operator.holds(&left, &right)
    }
}

impl Operand {
    fn value(&self, live: &Value) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Condition(name) => {
                let found =
                    items(live, "/status/conditions").find(|condition| text(condition, "/type") == name);
                Some(found?.get("status")?.clone())
            }
            Self::Field(steps) => {
                let found = steps.iter().try_fold(live, |value, step| match step {
                    Step::Key(key) => value.get(key),
                    Step::Index(index) => value.get(index),
                });
                found.filter(|value| !value.is_null()).cloned()
            }
        }
    }
}

impl FromStr for Expression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut comparisons = Vec::new();
        for part in tokens.split(|token| *token == Token::And) {
            comparisons.push(comparison(part)?);
        }
        Ok(Self(comparisons))
    }
}

fn comparison(tokens: &[Token]) -> Result<Comparison, String> {
    let position = tokens
        .iter()
        .position(|token| matches!(token, Token::Operator(_)));
    let Some(position) = position else {
        let left = operand(tokens)?;
        if matches!(left, Operand::Literal(_)) {
            return Err(format!("`{left}` alone says nothing: compare a field with it"));
        }
        return Ok(Comparison { left, right: None });
    };
    let Token::Operator(operator) = tokens[position] else {
        return Err("an operator is missing".to_owned());
    };
    let (left, right) = (operand(&tokens[..position])?, operand(&tokens[position + 1..])?);
    if let (Operand::Literal(_), Operand::Literal(_)) = (&left, &right) {
        return Err(format!(
            "`{left} {operator} {right}` is always the same: compare a field"
        ));
    }
    Ok(Comparison {
        left,
        right: Some((operator, right)),
    })
}

fn operand(tokens: &[Token]) -> Result<Operand, String> {
    match tokens {
        [] => Err("something to compare is missing".to_owned()),
        [Token::Literal(value)] => Ok(Operand::Literal(value.clone())),
        [
            Token::Name(name),
            Token::Open,
            Token::Name(condition),
            Token::Close,
        ] if name == "condition" => Ok(Operand::Condition(condition.clone())),
        [Token::Name(first), rest @ ..] => {
            let mut steps = vec![Step::Key(first.clone())];
            for token in rest {
                steps.push(match token {
                    Token::Member(name) | Token::Key(name) => Step::Key(name.clone()),
                    Token::Index(index) => Step::Index(*index),
                    other => return Err(format!("`{other}` is not understood after `{first}`")),
                });
            }
            Ok(Operand::Field(steps))
        }
        [other, ..] => Err(format!(
            "`{other}` is not understood: a field, a text in '' or a number is expected"
        )),
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join(" && "))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.right {
            None => write!(f, "{}", self.left),
            Some((operator, right)) => write!(f, "{} {operator} {right}", self.left),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(Value::String(text)) => write!(f, "'{text}'"),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Condition(name) => write!(f, "condition({name})"),
            Self::Field(steps) => {
                for (position, step) in steps.iter().enumerate() {
                    match step {
                        Step::Key(key) if position == 0 => write!(f, "{key}")?,
                        Step::Key(key) if key.contains(['.', '/']) => write!(f, "['{key}']")?,
                        Step::Key(key) => write!(f, ".{key}")?,
                        Step::Index(index) => write!(f, "[{index}]")?,
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn unmet(text: &str, live: &Value) -> Option<String> {
        let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        expression.unmet(live)
    }

    #[test]
    fn what_holds() {
        let live = json!({
            "metadata": { "labels": { "app.example/ready": "yes" } }, "spec": { "replicas": 3, "done": true, "not": false },
            "status": {
                "phase": "Ready", "replicas": 3, "ratio": 0.5, "shards": [{ "state": "up" }], "none": [], "empty": "",
                "conditions": [{ "type": "Synced", "status": "True" }, { "type": "Late", "status": "False" }]
            }
        });
        for holds in [
            "status.phase == 'Ready'",
            "status.phase=='Ready'&&condition(Synced)",
            "condition(Late) == 'False'",
            "status.replicas == spec.replicas",
            "3 == status.replicas",
            "status.replicas >= 3 && status.replicas < 4 && status.ratio > 0.25",
            "status.shards[0].state != 'down'",
            "metadata.labels['app.example/ready'] == 'yes'",
            "spec.done && status.shards",
            "spec.not == false",
        ] {
            assert_eq!(unmet(holds, &live), None, "{holds}");
        }
        for (text, why) in [
            (
                "status.phase == 'Gone'",
                "`status.phase == 'Gone'` does not hold: status.phase is 'Ready'",
            ),
            (
                "condition(Late)",
                "`condition(Late)` does not hold: condition(Late) is 'False'",
            ),
            (
                "condition(None)",
                "`condition(None)` does not hold: condition(None) is not there",
            ),
            ("status.none", "`status.none` does not hold: status.none is []"),
            ("status.empty", "`status.empty` does not hold: status.empty is ''"),
            ("spec.not", "`spec.not` does not hold: spec.not is false"),
            // What is not there is not known to differ either.
            (
                "status.x != 'y'",
                "`status.x != 'y'` does not hold: status.x is not there",
            ),
            (
                "status.phase > 1",
                "`status.phase > 1` does not hold: status.phase is 'Ready'",
            ),
            (
                "status.phase == 'Ready' && status.replicas < spec.replicas",
                "`status.replicas < spec.replicas` does not hold: status.replicas is 3, spec.replicas is 3",
            ),
        ] {
            assert_eq!(unmet(text, &live).as_deref(), Some(why), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood() {
        for (text, why) in [
            ("", "something to compare is missing"),
            ("status.phase == ", "something to compare is missing"),
            (
                "status.phase = 'a'",
                "`=` at character 14 is not understood: `==` compares",
            ),
            (
                "status.phase == \"a\"",
                "`\"` at character 17 is not understood: texts stand in ''",
            ),
            (
                "status.phase == 'a",
                "the text that begins at character 17 does not end",
            ),
            ("a && && b", "something to compare is missing"),
            ("a || b", "`|` at character 3 is not understood"),
            ("1 == 2", "`1 == 2` is always the same: compare a field"),
            ("'a'", "`'a'` alone says nothing: compare a field with it"),
            ("a == b == c", "`==` is not understood after `b`"),
            ("a b", "`b` is not understood after `a`"),
            (
                "a[b]",
                "`[` at character 2 is followed by neither a number nor a text in ''",
            ),
            ("status. phase", "`.` at character 7 is followed by no name"),
        ] {
            assert_eq!(text.parse::<Expression>().unwrap_err(), why, "{text}");
        }
    }
}
