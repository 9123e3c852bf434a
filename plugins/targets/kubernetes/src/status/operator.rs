//! How two values are compared.

use std::fmt;

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    AtLeast,
    AtMost,
    More,
    Less,
}

impl Operator {
    pub(super) fn holds(self, left: &Value, right: &Value) -> bool {
        let numbers = left.as_f64().zip(right.as_f64());
        match self {
            Self::Equal => numbers.map_or(left == right, |(left, right)| left == right),
            Self::Unequal => numbers.map_or(left != right, |(left, right)| left != right),
            Self::AtLeast => numbers.is_some_and(|(left, right)| left >= right),
            Self::AtMost => numbers.is_some_and(|(left, right)| left <= right),
            Self::More => numbers.is_some_and(|(left, right)| left > right),
            Self::Less => numbers.is_some_and(|(left, right)| left < right),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::Less => "<",
        })
    }
}
