//! How long a run took, how it ended, and how much it has done: of this run alone, to be added up by whoever collects them.

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_journal::{Class, Entry, Record};

use super::value::{attributes, nanoseconds, scope};
use crate::RunLine;

/// Since the point before; there is none of another process.
const DELTA: u32 = 1;
/// In seconds.
const BOUNDS: [f64; 9] = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0];

/// The body of the request that tells of a run.
pub fn otlp_metrics(run: &RunLine, records: &[Record], resource: &Value) -> Value {
    let ended = run.ended.or_else(|| records.last().map(|record| record.at));
    let (from, to) = (run.started, ended.unwrap_or(run.started));
    let about = [
        ("slipway.service", run.service.as_str()),
        ("slipway.environment", run.environment.as_str()),
        ("slipway.state", run.state),
    ];
    let took = from.duration_until(to).as_secs_f64().max(0.0);
    let bucket = BOUNDS.iter().take_while(|bound| took > **bound).count();
    let buckets: Vec<_> = (0..=BOUNDS.len())
        .map(|at| u8::from(at == bucket).to_string())
        .collect();
    let mut duration = point(&about, from, to);
    for (key, value) in [
        ("count", json!("1")),
        ("sum", json!(took)),
        ("bucketCounts", json!(buckets)),
        ("explicitBounds", json!(BOUNDS)),
    ] {
        duration[key] = value;
    }
    let effects = [
        ("read", Class::Read),
        ("idempotent", Class::Idempotent),
        ("once", Class::Once),
    ];
    let effects = effects.map(|(name, class)| {
        let about = [&about[..], &[("slipway.class", name)]].concat();
        sum(count(records, class), &about, from, to)
    });
    let counted = |points: Vec<Value>| json!({ "dataPoints": points, "aggregationTemporality": DELTA, "isMonotonic": true });
    let metrics = json!([
        { "name": "slipway.runs", "unit": "{run}", "description": "runs that have ended",
          "sum": counted(vec![sum(1, &about, from, to)]) },
        { "name": "slipway.run.duration", "unit": "s", "description": "from the beginning of a run to its end",
          "histogram": { "dataPoints": [duration], "aggregationTemporality": DELTA } },
        { "name": "slipway.run.effects", "unit": "{effect}", "description": "what runs have asked and done outside",
          "sum": counted(effects.into()) },
    ]);
    json!({ "resourceMetrics": [{
        "resource": resource,
        "scopeMetrics": [{ "scope": scope(), "metrics": metrics }],
    }] })
}

fn count(records: &[Record], wanted: Class) -> usize {
    let intents = records.iter().filter(|record| match &record.entry {
        Entry::Intent { class, parent, .. } => *class == wanted && parent.is_some(),
        _ => false,
    });
    intents.count()
}

fn sum(value: usize, about: &[(&str, &str)], from: Timestamp, to: Timestamp) -> Value {
    let mut point = point(about, from, to);
    point["asInt"] = value.to_string().into();
    point
}

fn point(about: &[(&str, &str)], from: Timestamp, to: Timestamp) -> Value {
    json!({
        "attributes": attributes(about.iter().copied()),
        "startTimeUnixNano": nanoseconds(from),
        "timeUnixNano": nanoseconds(to),
    })
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::metrics::v1::ExportMetricsServiceRequest,
        metrics::v1::{metric::Data, number_data_point},
    };

    use super::*;
    use crate::account;

    #[test]
    fn a_collector_reads_them() {
        let (account, records) = account::recorded();
        let request = otlp_metrics(&account.run, &records, &json!({ "attributes": [] }));
        let read: ExportMetricsServiceRequest = serde_json::from_value(request).expect("it is OTLP");
        let metrics = &read.resource_metrics[0].scope_metrics[0].metrics;
        let names: Vec<_> = metrics.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(
            names,
            ["slipway.runs", "slipway.run.duration", "slipway.run.effects"]
        );
        let Some(Data::Sum(runs)) = &metrics[0].data else {
            panic!("{metrics:?}");
        };
        assert_eq!(
            runs.data_points[0].value,
            Some(number_data_point::Value::AsInt(1))
        );
        let Some(Data::Histogram(duration)) = &metrics[1].data else {
            panic!("{metrics:?}");
        };
        let point = &duration.data_points[0];
        assert_eq!((point.count, point.sum), (1, Some(200.0)));
        // Between one minute and five.
        assert_eq!(point.bucket_counts, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    }
}
