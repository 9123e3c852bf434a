//! Checks.

use serde_json::{Value, json};
use slipway_model::Duration;
use toml::{Spanned, de::DeValue};

use crate::{
    Pattern, Port, Runner,
    decode::{At, Context, Decode, Definitions, Literal, OneOrMany, choice, table},
};

table! {
    /// A functional test: exactly one of `http`, `tcp`, `command` and `plugin`.
    Check {
        /// Asks a revision by HTTP.
        optional "http" http: Http,
        /// Opens a TCP connection.
        optional "tcp" tcp: Tcp,
        /// Runs a program; it passes with exit code 0.
        optional "command" command: Command,
        /// Asks a plugin, once for all instances; it has a minute for one attempt.
        optional "plugin" plugin: CheckPlugin,
        /// Attempts after the first, before it has failed. 2 by default.
        optional "retries" retries: u32,
        /// Between attempts, and between repetitions during a soak. 5s by default.
        optional "interval" interval: Duration,
    }
}

table! {
    /// What is asked by HTTP, and which answer passes.
    Http {
        /// The path, beginning with `/`, with its query.
        required "path" path: String,
        /// The artifact's port, by name or number. `http` by default.
        optional "port" port: Port,
        /// The method. GET by default.
        optional "method" method: String,
        /// Header fields that are sent.
        optional "headers" headers: Headers,
        /// The status, or a list of those, that passes. 200 by default.
        optional "status" status: OneOrMany<u16>,
        /// What the body must hold.
        optional "body" body: Body,
        /// What the body, as JSON, must hold.
        optional "json" json: Vec<At<JsonValue>>,
        /// The slowest answer that passes.
        optional "max-latency" max_latency: Duration,
        /// Of one attempt. 10s by default.
        optional "timeout" timeout: Duration,
    }
}

table! {
    /// Exactly one of `contains` and `regex`.
    Body {
        /// A text that it must contain.
        optional "contains" contains: String,
        /// What it must match somewhere.
        optional "regex" regex: Pattern,
    }
}

table! {
    /// One value of a JSON document.
    JsonValue {
        /// Where: a JSON pointer, such as `/status`; an empty one is the whole document.
        required "pointer" pointer: String,
        /// What it must be.
        required "equals" equals: Literal,
    }
}

table! {
    /// A TCP connection that must open.
    Tcp {
        /// The artifact's port, by name or number.
        required "port" port: Port,
        /// Of one attempt. 10s by default.
        optional "timeout" timeout: Duration,
    }
}

table! {
    /// A program that must exit with 0.
    Command {
        /// Program and arguments; no shell. It runs in the folder of deploy.toml, and a program with a `/` is one of that folder.
        required "run" run: Vec<At<String>>,
        /// Of one attempt. 1m by default.
        optional "timeout" timeout: Duration,
        /// Where it runs. `operator` by default.
        optional "where" runner: Runner,
    }
}

table! {
    /// A check plugin and its settings: the keys beside `name` are the plugin's.
    CheckPlugin {
        /// The plugin's name.
        required "name" name: String,
        rest settings,
    }
}

choice!(Runner, "a place where a command runs" {
    "operator" => Operator: "The machine on which Slipway runs.",
});

impl Decode for Port {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Integer(_) => u16::decode(value, cx).map(Self::Number),
            DeValue::String(name) => Some(Self::Named(name.to_string())),
            _ => {
                cx.wrong_type("a port's name or number", value);
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "anyOf": [{ "type": "string", "minLength": 1 }, { "type": "integer", "minimum": 1, "maximum": 65535 }] })
    }
}

/// Header fields by name; names are free.
#[derive(Debug, Clone)]
pub(crate) struct Headers(pub(crate) Vec<(String, At<String>)>);

impl Decode for Headers {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            cx.wrong_type("a table of header fields", value);
            return None;
        };
        let field = |(key, value): (&Spanned<toml::de::DeString<'_>>, &_)| {
            Some((key.get_ref().to_string(), crate::decode::at(value, cx)?))
        };
        Some(Self(table.iter().filter_map(field).collect()))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}
