//! Checks and analyses.

use serde_json::{Value, json};
use slipway_model::Duration;
use toml::{Spanned, de::DeValue};

use crate::{
    Comparison, Direction, Level, OnInconclusive, Pattern, Port, Rate, Runner,
    decode::{At, Context, Decode, Definitions, Literal, OneOrMany, choice, table},
};

table! {
    /// A functional test: exactly one of `http`, `tcp` and `command`.
    Check {
        /// Asks a revision by HTTP.
        optional "http" http: Http,
        /// Opens a TCP connection.
        optional "tcp" tcp: Tcp,
        /// Runs a program; it passes with exit code 0.
        optional "command" command: Command,
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
    /// A verdict over time: exactly one of `logs` and `metrics`.
    Analysis {
        /// Counts log lines.
        optional "logs" logs: Logs,
        /// Looks at a metric.
        optional "metrics" metrics: Metrics,
        /// Between two verdicts on `no-worse-than` during a soak; what is out of bounds fails at once. 10s by default.
        optional "interval" interval: Duration,
        /// How much longer it is watched than a soak takes while there is too little to say. 0s by default.
        optional "extend" extend: Duration,
        /// What is done where there is too little to say. `hold` by default.
        optional "inconclusive" inconclusive: OnInconclusive,
        /// For `no-worse-than`: how sure it has to be that a revision is worse before it fails, in percent, from 50 to less than 100. 97.5 by default.
        optional "confidence" confidence: f64,
        /// For `no-worse-than`: how much worse is nothing to fail for, in percent of what users have. 5 by default.
        optional "tolerance" tolerance: f64,
    }
}

table! {
    /// Log lines that count, and how many are too many. At least one of `match` and `level`, and at least one bound.
    Logs {
        /// What a line must match somewhere to count.
        optional "match" pattern: Pattern,
        /// Lines of this level or graver count.
        optional "level" level: Level,
        /// The greatest number since the revision started.
        optional "max-count" max_count: u64,
        /// The greatest rate, such as `0.1/s`.
        optional "max-rate" max_rate: Rate,
        /// The revision that it must not be worse than.
        optional "no-worse-than" no_worse_than: Comparison,
        /// The revision that must have said, in the same time, whatever a line that counts says; numbers and identifiers in it do not matter.
        optional "no-new" no_new: Comparison,
        /// Fewer lines than this, matching or not, give no verdict. 1 by default: no data is never a pass.
        optional "min-sample" min_sample: u64,
    }
}

table! {
    /// A metric and its bounds: either `prometheus` with `query`, or `scrape` with `metric`; and at least one bound.
    Metrics {
        /// A Prometheus server, by the name of its endpoint.
        optional "prometheus" prometheus: String,
        /// What the server is asked, in PromQL.
        optional "query" query: String,
        /// The instances' own metrics page.
        optional "scrape" scrape: Scrape,
        /// The metric on that page, with labels if needed: `errors_total{code="500"}`.
        optional "metric" metric: String,
        /// The least value that passes.
        optional "min" min: f64,
        /// The greatest value that passes.
        optional "max" max: f64,
        /// The revision that it must not be worse than.
        optional "no-worse-than" no_worse_than: Comparison,
        /// Which way is better, for `no-worse-than`. `lower-is-better` by default.
        optional "direction" direction: Direction,
        /// Fewer samples than this give no verdict. 1 by default.
        optional "min-sample" min_sample: u64,
    }
}

table! {
    /// A page of metrics in Prometheus' text format.
    Scrape {
        /// The path. `/metrics` by default.
        optional "path" path: String,
        /// The artifact's port, by name or number. `http` by default.
        optional "port" port: Port,
    }
}

choice!(Runner, "a place where a command runs" {
    "operator" => Operator: "The machine on which Slipway runs.",
});

choice!(Comparison, "a revision to compare with" {
    "stable" => Stable: "The revision that users are on.",
});

choice!(OnInconclusive, "a way to go on without a verdict" {
    "hold" => Hold: "The run waits until somebody says `promote` or `abort`.",
    "fail" => Fail: "As if it had failed.",
});

choice!(Direction, "a direction" {
    "lower-is-better" => LowerIsBetter: "Greater values are worse.",
    "higher-is-better" => HigherIsBetter: "Smaller values are worse.",
});

choice!(Level, "a log level" {
    "trace" => Trace: "Everything.",
    "debug" => Debug: "Debugging and graver.",
    "info" => Info: "Information and graver.",
    "warn" => Warn: "Warnings and graver.",
    "error" => Error: "Errors only.",
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
