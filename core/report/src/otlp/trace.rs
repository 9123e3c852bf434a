//! One trace a run, in requests that a collector takes.

use serde_json::{Value, json};
use slipway_journal::Record;

use super::{
    spans::{Span, spans},
    value::{attributes, nanoseconds, scope, span_id, trace_id},
};
use crate::RunLine;

/// In one request.
const BATCH: usize = 500;
/// Of one run. What comes after the first so many is left out: a watch of hours asks again and again.
const MOST: usize = 10_000;

/// The bodies of the requests that tell of a run, in order.
pub fn otlp_trace(run: &RunLine, records: &[Record], resource: &Value) -> Vec<Value> {
    let mut all = spans(format!("slipway {}/{}", run.service, run.environment), records);
    let dropped = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    if let Some(own) = all.first_mut() {
        own.about.extend([
            ("slipway.run", run.run.to_string()),
            ("slipway.service", run.service.to_string()),
            ("slipway.environment", run.environment.to_string()),
            ("slipway.state", run.state.to_owned()),
        ]);
        if dropped > 0 {
            own.about.push(("slipway.spans-left-out", dropped.to_string()));
        }
    }
    let batches = all.chunks(BATCH).map(|batch| {
        let spans: Vec<_> = batch.iter().map(|span| written(run, span)).collect();
        json!({ "resourceSpans": [{
            "resource": resource,
            "scopeSpans": [{ "scope": scope(), "spans": spans }],
        }] })
    });
    batches.collect()
}

fn written(run: &RunLine, span: &Span) -> Value {
    let status = match span.well {
        Some(true) => json!({ "code": 1 }),
        Some(false) => json!({ "code": 2, "message": span.why }),
        None => json!({}),
    };
    // What nobody has ended was seen to begin.
    let ended = span.ended.unwrap_or(span.began);
    let events = span
        .events
        .iter()
        .map(|(at, name)| json!({ "timeUnixNano": nanoseconds(*at), "name": name }));
    let mut written = json!({
        "traceId": trace_id(&run.run),
        "spanId": span_id(&run.run, &span.key),
        "name": span.name,
        "kind": 1,
        "startTimeUnixNano": nanoseconds(span.began),
        "endTimeUnixNano": nanoseconds(ended),
        "attributes": attributes(span.about.iter().map(|(key, value)| (*key, value.as_str()))),
        "events": events.collect::<Vec<_>>(),
        "status": status,
    });
    if let Some(within) = &span.within {
        written["parentSpanId"] = span_id(&run.run, within).into();
    }
    written
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        trace::v1::{Span as Read, status::StatusCode},
    };
    use slipway_journal::{Bodies, Class, Entry};

    use super::*;
    use crate::account;

    /// As a collector reads them.
    fn read(requests: Vec<Value>) -> Vec<Read> {
        let read =
            |request| serde_json::from_value::<ExportTraceServiceRequest>(request).expect("it is OTLP");
        let resources = requests
            .into_iter()
            .map(read)
            .flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// A call of a plugin with an effect in it, while users are watched; the effect has a secret in it that nobody masked.
    fn called(records: &mut Vec<Record>) {
        let at = records[12].at;
        let intent = |activity: &str, parent: Option<&str>| Entry::Intent {
            activity: activity.to_owned(),
            class: Class::Once,
            request: json!({ "capability": "http", "operation": "send", "request": { "path": "/hunter2" } }),
            bodies: Bodies::new(),
            parent: parent.map(str::to_owned),
        };
        let outcome = |activity: &str, result| Entry::Outcome {
            activity: activity.to_owned(),
            result,
            bodies: Bodies::new(),
        };
        let entries = [
            intent("cutover/2/look", None),
            intent("cutover/2/look#0", Some("cutover/2/look")),
            outcome("cutover/2/look#0", Err(json!({ "message": "hunter2" }))),
            Entry::Reopened {
                by: "somebody".to_owned(),
            },
            outcome("cutover/2/look", Ok(json!("hunter2"))),
        ];
        records.splice(13..13, entries.map(|entry| Record { seq: 13, at, entry }));
    }

    #[test]
    fn a_run_is_one_trace() {
        let (account, mut records) = account::recorded();
        called(&mut records);
        let requests = otlp_trace(&account.run, &records, &json!({ "attributes": [] }));
        assert!(
            !serde_json::to_string(&requests)
                .expect("JSON")
                .contains("hunter2")
        );
        assert_eq!(
            requests,
            otlp_trace(&account.run, &records, &json!({ "attributes": [] }))
        );
        let spans = read(requests);
        let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
        assert_eq!(
            (traces.len(), spans[0].trace_id.len(), spans[0].span_id.len()),
            (1, 16, 8)
        );
        let names: BTreeMap<_, _> = spans.iter().map(|span| (&span.span_id, &span.name)).collect();
        assert_eq!(names.len(), spans.len());
        let lines: Vec<_> = spans
            .iter()
            .map(|span| {
                let within = names.get(&span.parent_span_id).map_or("-", |name| name.as_str());
                let took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1_000_000_000;
                let status = span.status.as_ref().expect("a status");
                let went = StatusCode::try_from(status.code).expect("a code");
                let events: Vec<_> = span.events.iter().map(|event| event.name.as_str()).collect();
                format!(
                    "{within} > {} {took} s {went:?} {:?} {events:?}",
                    span.name, status.message
                )
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn a_long_run_is_told_in_parts() {
        let (account, mut records) = account::recorded();
        let at = records[12].at;
        let intents = (0..12_000).map(|look| Record {
            seq: 13,
            at,
            entry: Entry::Intent {
                activity: format!("cutover/2/{look}"),
                class: Class::Read,
                request: Value::Null,
                bodies: Bodies::new(),
                parent: None,
            },
        });
        let more: Vec<_> = intents.collect();
        records.splice(13..13, more);
        let requests = otlp_trace(&account.run, &records, &json!({ "attributes": [] }));
        assert_eq!(requests.len(), MOST / BATCH);
        let spans = read(requests);
        assert_eq!(spans.len(), MOST);
        assert!(
            spans[0]
                .attributes
                .iter()
                .any(|about| about.key == "slipway.spans-left-out")
        );
    }
}
