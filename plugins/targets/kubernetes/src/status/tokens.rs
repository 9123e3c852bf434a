//! The words of an expression.

use std::fmt;

use serde_json::{Number, Value};

use super::operator::Operator;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(Value),
    Name(String),
    /// `.name`
    Member(String),
    /// `[7]`
    Index(usize),
    /// `['text']`
    Key(String),
    Open,
    Close,
    Operator(Operator),
    And,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut reader = Reader { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        reader.take(|letter| letter.is_whitespace());
        if reader.rest().is_empty() {
            return Ok(tokens);
        }
        tokens.push(reader.token()?);
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// As people count.
    fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !wanted(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn skip(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    fn name(&mut self) -> &'a str {
        self.take(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
    }

    fn token(&mut self) -> Result<Token, String> {
        let position = self.position();
        for (text, token) in [
            ("&&", Token::And),
            ("==", Token::Operator(Operator::Equal)),
            ("!=", Token::Operator(Operator::Unequal)),
            (">=", Token::Operator(Operator::AtLeast)),
            ("<=", Token::Operator(Operator::AtMost)),
            (">", Token::Operator(Operator::More)),
            ("<", Token::Operator(Operator::Less)),
            ("(", Token::Open),
            (")", Token::Close),
        ] {
            if self.skip(text) {
                return Ok(token);
            }
        }
        if self.rest().starts_with('\'') {
            return self.quoted().map(|text| Token::Literal(text.into()));
        }
        if self.skip(".") {
            return match self.name() {
                "" => Err(format!("`.` at character {position} is followed by no name")),
                name => Ok(Token::Member(name.to_owned())),
            };
        }
        if self.skip("[") {
            let token = if self.rest().starts_with('\'') {
                Some(Token::Key(self.quoted()?))
            } else {
                self.take(|letter| letter.is_ascii_digit())
                    .parse()
                    .ok()
                    .map(Token::Index)
            };
            let neither =
                || format!("`[` at character {position} is followed by neither a number nor a text in ''");
            let token = token.ok_or_else(neither)?;
            return if self.skip("]") {
                Ok(token)
            } else {
                Err(format!("`[` at character {position} has no `]`"))
            };
        }
        self.word(position)
    }

    /// A name, a number, `true` or `false`.
    fn word(&mut self, position: usize) -> Result<Token, String> {
        let first = self.rest().chars().next().unwrap_or_default();
        if first.is_ascii_digit() || first == '-' {
            let word = self.take(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.');
            let number: Result<Number, _> = word.parse();
            return number
                .map(|number| Token::Literal(number.into()))
                .map_err(|_| format!("`{word}` at character {position} is no number"));
        }
        match self.name() {
            "" => {
                let hint = match first {
                    '=' => ": `==` compares",
                    '"' => ": texts stand in ''",
                    _ => "",
                };
                Err(format!(
                    "`{first}` at character {position} is not understood{hint}"
                ))
            }
            "true" => Ok(Token::Literal(true.into())),
            "false" => Ok(Token::Literal(false.into())),
            name => Ok(Token::Name(name.to_owned())),
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let position = self.position();
        self.skip("'");
        let text = self.take(|letter| letter != '\'');
        if self.skip("'") {
            Ok(text.to_owned())
        } else {
            Err(format!(
                "the text that begins at character {position} does not end"
            ))
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(Value::String(text)) => write!(f, "'{text}'"),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Name(name) => f.write_str(name),
            Self::Member(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => write!(f, "['{key}']"),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::Operator(operator) => write!(f, "{operator}"),
            Self::And => f.write_str("&&"),
        }
    }
}
