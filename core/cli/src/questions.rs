//! Asks a person, or whatever writes into stdin, for the values of parameters: one line a value. Answers are checked at
//! once; one that does not fit is asked for again.

use std::{
    fmt::Display,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

use serde_json::{Value, json};
use slipway_manifest::{Kind, Parameter};

use crate::{error::CommandError, ui::Ui};

pub(crate) fn ask(ui: Ui, name: &str, parameter: &Parameter) -> Result<Value, CommandError> {
    let question = question(name, parameter);
    let mut wrong = None;
    loop {
        let cannot = |error: io::Error| CommandError::failed(format!("nobody can be asked: {error}"));
        tell(ui, name, parameter, &question, wrong.as_deref()).map_err(cannot)?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer).map_err(cannot)? == 0 {
            let error = CommandError::failed(format!("nobody says what `{name}` is to be"));
            return Err(wrong.into_iter().fold(error, CommandError::hint));
        }
        let parsed = match answer.trim() {
            "" => Err("an answer is needed".to_owned()),
            answer => parameter.parse_str(answer),
        };
        match parsed {
            Ok(value) => return Ok(value),
            Err(why) => wrong = Some(why),
        }
    }
}

/// Whoever wants questions wants to see them, `--quiet` or not.
fn tell(
    ui: Ui,
    name: &str,
    parameter: &Parameter,
    question: &str,
    wrong: Option<&str>,
) -> Result<(), io::Error> {
    if ui.json() {
        ui.event(&json!({ "question": { "name": name, "parameter": parameter, "wrong": wrong } }));
        return Ok(());
    }
    let mut out = anstream::stderr();
    match wrong {
        Some(why) => writeln!(out, "{why}")?,
        None => writeln!(out, "{question}")?,
    }
    if io::stdin().is_terminal() {
        write!(out, "> ")?;
    }
    out.flush()
}

fn question(name: &str, parameter: &Parameter) -> String {
    let help = parameter.help.as_deref();
    let help = help.map_or_else(String::new, |help| format!(": {help}"));
    format!("{name}{help} ({})", words(&parameter.kind))
}

/// What an answer has to be.
fn words(kind: &Kind) -> String {
    match kind {
        Kind::String {
            min_length,
            max_length,
            pattern,
        } => {
            let pattern = pattern
                .as_ref()
                .map(|pattern| format!("matching `{}`", pattern.as_str()));
            let length = bounds(*min_length, *max_length).map(|bounds| format!("{bounds} characters"));
            listed("a text", [length, pattern])
        }
        Kind::Integer { minimum, maximum } => listed("an integer", [bounds(*minimum, *maximum)]),
        Kind::Number { minimum, maximum } => listed("a number", [bounds(*minimum, *maximum)]),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Enum { values } => format!("one of {}", values.join(", ")),
        Kind::Hostname => "a host name".to_owned(),
        Kind::Port { minimum, maximum } => listed("a port", [bounds(*minimum, *maximum)]),
        Kind::Url => "a URL".to_owned(),
        Kind::Duration { minimum, maximum } => listed("a duration such as 30s", [bounds(*minimum, *maximum)]),
        Kind::Bytes { minimum, maximum } => listed("a size such as 64MiB", [bounds(*minimum, *maximum)]),
        Kind::List {
            items,
            min_length,
            max_length,
        } => {
            let length = bounds(*min_length, *max_length).map(|bounds| format!("{bounds} elements"));
            let list = format!("a list, parted by commas or as JSON, each {}", words(items));
            listed(&list, [length])
        }
        Kind::Map {
            items,
            min_length,
            max_length,
        } => {
            let length = bounds(*min_length, *max_length).map(|bounds| format!("{bounds} keys"));
            listed(&format!("a map as JSON, each {}", words(items)), [length])
        }
        Kind::Secret => "a reference, `${secret.NAME}`".to_owned(),
    }
}

fn listed<const N: usize>(what: &str, more: [Option<String>; N]) -> String {
    let parts: Vec<_> = [Some(what.to_owned())]
        .into_iter()
        .chain(more)
        .flatten()
        .collect();
    parts.join(", ")
}

fn bounds<T: Display>(low: Option<T>, high: Option<T>) -> Option<String> {
    match (low, high) {
        (None, None) => None,
        (Some(low), None) => Some(format!("at least {low}")),
        (None, Some(high)) => Some(format!("at most {high}")),
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_say_what_an_answer_has_to_be() {
        let check = |kind: Value, expected: &str| {
            let kind: Kind = serde_json::from_value(kind).unwrap();
            assert_eq!(words(&kind), expected);
        };
        check(json!({ "type": "string" }), "a text");
        check(
            json!({ "type": "string", "min-length": 1, "max-length": 9, "pattern": "^a" }),
            "a text, 1 to 9 characters, matching `^a`",
        );
        check(
            json!({ "type": "integer", "minimum": 1 }),
            "an integer, at least 1",
        );
        check(
            json!({ "type": "number", "maximum": 0.5 }),
            "a number, at most 0.5",
        );
        check(json!({ "type": "boolean" }), "true or false");
        check(json!({ "type": "enum", "values": ["a", "b"] }), "one of a, b");
        check(
            json!({ "type": "port", "minimum": 1024, "maximum": 2048 }),
            "a port, 1024 to 2048",
        );
        check(
            json!({ "type": "duration", "maximum": "90s" }),
            "a duration such as 30s, at most 1m30s",
        );
        check(
            json!({ "type": "bytes", "minimum": 1048576 }),
            "a size such as 64MiB, at least 1MiB",
        );
        check(
            json!({ "type": "list", "items": { "type": "hostname" }, "max-length": 3 }),
            "a list, parted by commas or as JSON, each a host name, at most 3 elements",
        );
        check(
            json!({ "type": "map", "items": { "type": "secret" } }),
            "a map as JSON, each a reference, `${secret.NAME}`",
        );
    }
}
