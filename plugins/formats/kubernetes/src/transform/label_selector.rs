//! `app=web,tier in (a,b),!old`: the selectors of Kubernetes.

#[derive(Debug, PartialEq)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Debug, PartialEq)]
struct Requirement {
    key: String,
    is: Is,
}

#[derive(Debug, PartialEq)]
enum Is {
    There,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl LabelSelector {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Tokens { rest: text };
        let mut requirements = Vec::new();
        if tokens.peek().is_empty() {
            return Ok(Self(requirements));
        }
        loop {
            requirements.push(
                tokens
                    .requirement()
                    .map_err(|why| format!("selector `{text}`: {why}"))?,
            );
            match tokens.next() {
                "" => return Ok(Self(requirements)),
                "," => {}
                other => return Err(format!("selector `{text}`: a comma was expected, not `{other}`")),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = value(&requirement.key);
            match (&requirement.is, value) {
                (Is::There, value) => value.is_some(),
                (Is::Missing, value) => value.is_none(),
                (Is::In(list), Some(value)) => list.iter().any(|item| item == value),
                (Is::NotIn(list), Some(value)) => list.iter().all(|item| item != value),
                (Is::NotIn(_), None) => true,
                (Is::Above(limit), Some(value)) => value.parse().is_ok_and(|value: i64| value > *limit),
                (Is::Below(limit), Some(value)) => value.parse().is_ok_and(|value: i64| value < *limit),
                (Is::In(_) | Is::Above(_) | Is::Below(_), None) => false,
            }
        })
    }
}

struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn requirement(&mut self) -> Result<Requirement, String> {
        let first = self.next();
        if first == "!" {
            let key = self.word()?;
            return Ok(Requirement { key, is: Is::Missing });
        }
        let key = checked(first)?;
        let operator = match self.peek() {
            "" | "," => return Ok(Requirement { key, is: Is::There }),
            _ => self.next(),
        };
        let is = match operator {
            "=" | "==" => Is::In(vec![self.value()]),
            "!=" => Is::NotIn(vec![self.value()]),
            "in" => Is::In(self.values()?),
            "notin" => Is::NotIn(self.values()?),
            ">" => Is::Above(self.number()?),
            "<" => Is::Below(self.number()?),
            other => return Err(format!("`{other}` is no operator")),
        };
        Ok(Requirement { key, is })
    }

    fn word(&mut self) -> Result<String, String> {
        checked(self.next())
    }

    /// What stands behind `=`, which may be nothing.
    fn value(&mut self) -> String {
        match self.peek() {
            "" | "," => String::new(),
            _ => self.next().to_owned(),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        let word = self.next();
        word.parse().map_err(|_| format!("`{word}` is no whole number"))
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        if self.next() != "(" {
            return Err("values stand in parentheses".to_owned());
        }
        let mut values = Vec::new();
        loop {
            match self.next() {
                "" => return Err("a parenthesis is not closed".to_owned()),
                ")" => return Ok(values),
                "," => {}
                word => values.push(word.to_owned()),
            }
        }
    }

    fn peek(&self) -> &'a str {
        let rest = self.rest.trim_start();
        let symbol = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"]
            .into_iter()
            .find(|symbol| rest.starts_with(symbol));
        let end = match symbol {
            Some(symbol) => symbol.len(),
            None => rest
                .find(|c: char| c.is_whitespace() || "=!(),<>".contains(c))
                .unwrap_or(rest.len()),
        };
        &rest[..end]
    }

    fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.rest = &self.rest.trim_start()[token.len()..];
        token
    }
}

fn checked(word: &str) -> Result<String, String> {
    match word {
        "" | "," | "=" | "==" | "!=" | "(" | ")" | "<" | ">" | "!" => Err("a key was expected".to_owned()),
        word => Ok(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors() {
        let labels = |key: &str| match key {
            "app" => Some("web"),
            "n" => Some("5"),
            _ => None,
        };
        for (text, fits) in [
            ("", true),
            ("app=web", true),
            ("app==web, n", true),
            ("app!=web", false),
            ("x!=web", true),
            ("app in (a, web)", true),
            ("app notin (web)", false),
            ("!x", true),
            ("x", false),
            ("n>4,n<6", true),
            ("x=", false),
        ] {
            assert_eq!(
                LabelSelector::parse(text).unwrap().matches(labels),
                fits,
                "{text}"
            );
        }
        for text in ["=a", "app in web", "app in (web", "a b"] {
            assert!(LabelSelector::parse(text).is_err(), "{text}");
        }
    }
}
