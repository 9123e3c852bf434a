//! Counters per revision and group of it, and their Prometheus text.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use slipway_model::Digest;

use super::flow::Flow;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Upper bounds in milliseconds; one more for everything above.
const BOUNDS: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

/// Instances of a revision that are held apart.
pub(super) type Group = &'static str;
pub(super) const BASELINE: Group = "baseline";

pub(super) type Meters = BTreeMap<(Digest, Option<Group>), Arc<Meter>>;

#[derive(Debug, Default)]
pub(super) struct Meter {
    classes: [AtomicU64; CLASSES.len()],
    durations: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Meter {
    pub(super) fn count(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        let within = BOUNDS.partition_point(|bound| Duration::from_millis(*bound) < took);
        self.durations[within].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

/// `nobody` counts requests that no revision could take: their label is empty.
pub(super) fn write(
    route: &str,
    meters: &Meters,
    nobody: &Meter,
    flows: &[Arc<Flow>],
    counters: &[(&str, &str, u64)],
) -> String {
    let mut out = String::new();
    let rows = || {
        let rows = meters
            .iter()
            .map(|((revision, group), meter)| (labels(&revision.to_string(), *group), meter.as_ref()));
        rows.chain([(labels("", None), nobody)])
    };
    // Writing to a string cannot fail.
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _written = writeln!(out, "{text}");
    };
    line(format_args!(
        "# HELP slipway_requests_total Requests by revision and class of status."
    ));
    line(format_args!("# TYPE slipway_requests_total counter"));
    for (of, meter) in rows() {
        for (class, count) in CLASSES.iter().zip(&meter.classes) {
            let count = count.load(Ordering::Relaxed);
            line(format_args!(
                "slipway_requests_total{{route=\"{route}\",{of},class=\"{class}\"}} {count}"
            ));
        }
    }
    line(format_args!(
        "# HELP slipway_request_duration_seconds From head of request to end of answer."
    ));
    line(format_args!("# TYPE slipway_request_duration_seconds histogram"));
    for (of, meter) in rows() {
        let name = "slipway_request_duration_seconds";
        let labels = format!("route=\"{route}\",{of}");
        let mut sum = 0;
        for (at, count) in meter.durations.iter().enumerate() {
            sum += count.load(Ordering::Relaxed);
            let bound = BOUNDS
                .get(at)
                .map_or("+Inf".to_owned(), |bound| (*bound as f64 / 1e3).to_string());
            line(format_args!("{name}_bucket{{{labels},le=\"{bound}\"}} {sum}"));
        }
        line(format_args!(
            "{name}_sum{{{labels}}} {}",
            meter.micros.load(Ordering::Relaxed) as f64 / 1e6
        ));
        line(format_args!("{name}_count{{{labels}}} {sum}"));
    }
    line(format_args!(
        "# HELP slipway_in_flight Requests and tunnels under way."
    ));
    line(format_args!("# TYPE slipway_in_flight gauge"));
    for flow in flows {
        let (revision, name, count) = (flow.revision, &flow.name, flow.in_flight.load(Ordering::Relaxed));
        line(format_args!(
            "slipway_in_flight{{route=\"{route}\",revision=\"{revision}\",instance=\"{name}\"}} {count}"
        ));
    }
    for (name, help, count) in counters {
        line(format_args!(
            "# HELP {name} {help}\n# TYPE {name} counter\n{name}{{route=\"{route}\"}} {count}"
        ));
    }
    out
}

fn labels(revision: &str, group: Option<Group>) -> String {
    match group {
        None => format!("revision=\"{revision}\""),
        Some(group) => format!("revision=\"{revision}\",group=\"{group}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        let meter = Arc::new(Meter::default());
        for (status, millis) in [(200, 1), (201, 3), (404, 100), (503, 60_000)] {
            meter.count(status, Duration::from_millis(millis));
        }
        let apart = Arc::new(Meter::default());
        apart.count(200, Duration::from_millis(7));
        let meters = Meters::from([
            ((Digest::of("a"), None), meter),
            ((Digest::of("a"), Some(BASELINE)), apart),
        ]);
        let flow = Flow::new(
            Digest::of("a"),
            "a-1".parse().unwrap(),
            ([127, 0, 0, 1], 1).into(),
        );
        let text = write(
            "shop",
            &meters,
            &Meter::default(),
            &[Arc::new(flow)],
            &[("x_total", "X.", 3)],
        );
        insta::assert_snapshot!(text);
    }
}
