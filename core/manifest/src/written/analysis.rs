//! Analyses.

use slipway_model::Duration;

use super::CheckPlugin;
use crate::{
    Comparison, Direction, Level, OnInconclusive, Pattern, Port, Rate, StatusClass,
    decode::{At, OneOrMany, choice, table},
};

table! {
    /// A verdict over time: exactly one of `traffic`, `logs` and `metrics`.
    Analysis {
        /// Counts requests, as the router sees them; asks nothing of the service.
        optional "traffic" traffic: Traffic,
        /// Counts log lines, or takes values out of them.
        optional "logs" logs: Logs,
        /// Looks at a metric.
        optional "metrics" metrics: Metrics,
        /// Between two verdicts during a soak; only a `max-count` that is exceeded fails before. 10s by default.
        optional "interval" interval: Duration,
        /// Out of bounds at any look, each second, is a failure at once. `false` by default.
        optional "critical" critical: bool,
        /// Between two times that a metric is asked for. 1s by default.
        optional "every" every: Duration,
        /// What it counts for among the analyses of a strategy that has a `score`. 1 by default.
        optional "weight" weight: u32,
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
    /// Requests that count, out of all that a revision had from the router: either `errors` or `slower-than`; and at least one bound.
    Traffic {
        /// Answers of this class, or of these, count.
        optional "errors" errors: OneOrMany<StatusClass>,
        /// Answers that take longer count: one of the bounds that the router tells apart; the embedded one 1, 2, 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5 and 10 s.
        optional "slower-than" slower_than: Duration,
        /// The greatest share of all requests, in percent.
        optional "max-percent" max_percent: f64,
        /// The revision that it must not be worse than.
        optional "no-worse-than" no_worse_than: Comparison,
        /// Fewer requests than this give no verdict. 50 by default: no data is never a pass.
        optional "min-sample" min_sample: u64,
    }
}

table! {
    /// Log lines that count, and how many are too many; or values in them. At least one of `match` and `level`, and at least one bound.
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
        /// The group of `match` whose number is looked at, instead of how many lines match: `ms` of `took (?<ms>[0-9.]+) ms`.
        optional "value" value: String,
        /// Of a `value`: the greatest mean that passes, or the greatest `quantile`.
        optional "max" max: f64,
        /// What `max` is the bound of, instead of the mean: 0.99 is what 99 % of the values do not exceed.
        optional "quantile" quantile: f64,
        /// Fewer lines than this, matching or not, or fewer values, give no verdict. 1 by default: no data is never a pass.
        optional "min-sample" min_sample: u64,
    }
}

table! {
    /// A metric and its bounds: exactly one of `prometheus` with `query`, `scrape` with `metric`, `http` with `json`, `command`, and `plugin`; and at least one bound.
    Metrics {
        /// A Prometheus server, by the name of its endpoint.
        optional "prometheus" prometheus: String,
        /// What the server is asked, in PromQL.
        optional "query" query: String,
        /// The instances' own metrics page.
        optional "scrape" scrape: Scrape,
        /// The metric on that page, with labels if needed: `errors_total{code="500"}`.
        optional "metric" metric: String,
        /// A JSON document, of the instances or of an endpoint.
        optional "http" http: HttpValue,
        /// Where the number is in that document: a JSON pointer, such as `/orders/failed`.
        optional "json" json: String,
        /// A program that prints a number, `value NUMBER` or `count EVENTS TOTAL`, each on a line.
        optional "command" command: CommandValue,
        /// A check plugin, which says numbers of a revision; it has a minute for each look.
        optional "plugin" plugin: CheckPlugin,
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

table! {
    /// A document that is asked for by HTTP: of each instance, or of an endpoint for all of a revision.
    HttpValue {
        /// The path, beginning with `/`, with its query; `${revision}` in it is the digest of the revision.
        required "path" path: String,
        /// The artifact's port, by name or number. `http` by default.
        optional "port" port: Port,
        /// An endpoint, by its name, instead of the instances.
        optional "endpoint" endpoint: String,
    }
}

table! {
    /// A program that measures a revision; it must end with 0.
    CommandValue {
        /// Program and arguments; no shell. It runs in the folder of deploy.toml, and a program with a `/` is one of that folder. `SLIPWAY_REVISION` is the digest, `SLIPWAY_INSTANCES` are the instances' names, `SLIPWAY_ADDRESSES_<PORT>` their addresses.
        required "run" run: Vec<At<String>>,
        /// For how long it may take. 10s by default.
        optional "timeout" timeout: Duration,
    }
}

choice!(Comparison, "a revision to compare with" {
    "stable" => Stable: "The revision that users are on.",
    "baseline" => Baseline: "As many of its instances as of the new one, which the router holds apart and gives as many users.",
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

choice!(StatusClass, "a class of answers" {
    "4xx" => Client: "What is asked is wrong.",
    "5xx" => Server: "The server is wrong.",
});
