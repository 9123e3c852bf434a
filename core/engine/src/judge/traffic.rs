//! Requests as a router counts them, by revision: `slipway_requests_total{revision,class}`, where a class is `2xx` and so
//! on, and the buckets of `slipway_request_duration_seconds{revision,le}`. The text format is that of Prometheus.

use slipway_judge::Tally;
use slipway_manifest::TrafficEvents;
use slipway_model::Digest;

use super::page::samples;

const REQUESTS: &str = "slipway_requests_total";
const BUCKETS: &str = "slipway_request_duration_seconds_bucket";

/// Those of a revision, or only those of instances that are held apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    All,
    Baseline,
}

/// Since the router began to count; nothing of a revision that had no request yet.
pub fn requests(page: &str, of: (Digest, Counted), events: &TrafficEvents) -> Result<Tally, String> {
    match events {
        TrafficEvents::Errors(classes) => {
            let counts = counts(page, REQUESTS, of, "class")?;
            let bad = |class: &str| classes.iter().any(|bad| bad.word() == class);
            Ok(Tally {
                events: sum(counts.iter().filter(|(class, _)| bad(class))),
                of: sum(counts.iter()),
            })
        }
        TrafficEvents::SlowerThan(limit) => {
            let mut buckets = Vec::new();
            for (bound, count) in counts(page, BUCKETS, of, "le")? {
                let bound: f64 = bound
                    .parse()
                    .map_err(|_| format!("{BUCKETS}: {bound} is no bound"))?;
                buckets.push((bound, count));
            }
            if buckets.is_empty() {
                return Ok(Tally::default());
            }
            let limit_in_seconds = limit.std().as_secs_f64();
            let at = |wanted: f64| buckets.iter().find(|(bound, _)| *bound == wanted);
            let Some((_, within)) = at(limit_in_seconds) else {
                let mut known: Vec<f64> = buckets.iter().map(|(bound, _)| *bound).collect();
                known.retain(|bound| bound.is_finite());
                known.sort_by(f64::total_cmp);
                let known: Vec<_> = known.iter().map(|bound| format!("{bound} s")).collect();
                return Err(format!(
                    "the router does not tell which requests take longer than {limit}, only for {}",
                    known.join(", ")
                ));
            };
            let all = at(f64::INFINITY).map_or(0.0, |(_, all)| *all);
            Ok(Tally {
                events: (all - within).max(0.0) as u64,
                of: all as u64,
            })
        }
    }
}

/// What came to it since an earlier look. A router that was started again has begun anew.
pub(crate) fn since(before: Tally, now: Tally) -> Tally {
    if now.of < before.of || now.events < before.events {
        return now;
    }
    Tally {
        events: now.events - before.events,
        of: now.of - before.of,
    }
}

/// The series of one revision, by the label that tells them apart; those of its groups together.
fn counts(
    page: &str,
    name: &str,
    (revision, counted): (Digest, Counted),
    by: &str,
) -> Result<Vec<(String, f64)>, String> {
    let (revision, mut any) = (revision.to_string(), false);
    let mut found: Vec<(String, f64)> = Vec::new();
    for (sample, labels, value) in samples(page).filter(|(sample, _, _)| *sample == name) {
        debug_assert_eq!(sample, name);
        any = true;
        let label = |wanted: &str| labels.iter().find(|(label, _)| label == wanted);
        let apart = label("group").is_some_and(|(_, group)| group == "baseline");
        if label("revision").is_some_and(|(_, of)| *of == revision)
            && (apart || counted == Counted::All)
            && let Some((_, by)) = label(by)
        {
            match found.iter_mut().find(|(known, _)| known == by) {
                Some((_, sum)) => *sum += value,
                None => found.push((by.clone(), value)),
            }
        }
    }
    if any {
        Ok(found)
    } else {
        Err(format!(
            "the router does not count the requests of each revision ({name})"
        ))
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a (String, f64)>) -> u64 {
    counts.map(|(_, count)| *count as u64).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(revision: Digest) -> String {
        let mut page = String::from("# TYPE slipway_requests_total counter\n");
        for (of, class, count) in [
            (revision.to_string(), "2xx", 90),
            (revision.to_string(), "4xx", 3),
            (revision.to_string(), "5xx", 7),
            (String::new(), "5xx", 1000),
        ] {
            page += &format!("{REQUESTS}{{route=\"shop\",revision=\"{of}\",class=\"{class}\"}} {count}\n");
        }
        for (bound, count) in [("0.05", 60), ("0.25", 98), ("+Inf", 100)] {
            page += &format!("{BUCKETS}{{route=\"shop\",revision=\"{revision}\",le=\"{bound}\"}} {count}\n");
        }
        page
    }

    #[test]
    fn of_each_revision() {
        let (new, other) = (Digest::of("new"), Digest::of("other"));
        let check = |revision, events, expected: Result<(u64, u64), &str>| {
            let events: TrafficEvents = serde_json::from_value(events).unwrap();
            let found = requests(&page(new), (revision, Counted::All), &events);
            match expected {
                Ok((events, of)) => assert_eq!(found, Ok(Tally { events, of })),
                Err(why) => assert!(found.clone().unwrap_err().contains(why), "{found:?}"),
            }
        };
        check(new, json!({ "errors": ["5xx"] }), Ok((7, 100)));
        check(new, json!({ "errors": ["4xx", "5xx"] }), Ok((10, 100)));
        check(new, json!({ "slower-than": "250ms" }), Ok((2, 100)));
        check(new, json!({ "slower-than": "50ms" }), Ok((40, 100)));
        check(
            new,
            json!({ "slower-than": "300ms" }),
            Err("only for 0.05 s, 0.25 s"),
        );
        check(other, json!({ "errors": ["5xx"] }), Ok((0, 0)));
        check(other, json!({ "slower-than": "1h" }), Ok((0, 0)));
        let errors: TrafficEvents = serde_json::from_value(json!({ "errors": ["5xx"] })).unwrap();
        assert!(requests("", (new, Counted::All), &errors).is_err());
    }

    #[test]
    fn what_is_held_apart_counts_for_itself_and_for_its_revision() {
        let new = Digest::of("new");
        let mut page = page(new);
        for (class, count) in [("2xx", 19), ("5xx", 1)] {
            page +=
                &format!("{REQUESTS}{{revision=\"{new}\",group=\"baseline\",class=\"{class}\"}} {count}\n");
        }
        let errors: TrafficEvents = serde_json::from_value(json!({ "errors": ["5xx"] })).unwrap();
        let tally = |counted| requests(&page, (new, counted), &errors);
        assert_eq!(tally(Counted::Baseline), Ok(Tally { events: 1, of: 20 }));
        assert_eq!(tally(Counted::All), Ok(Tally { events: 8, of: 120 }));
    }

    #[test]
    fn only_what_is_new_counts() {
        let tally = |events, of| Tally { events, of };
        assert_eq!(since(tally(1, 10), tally(3, 30)), tally(2, 20));
        assert_eq!(since(tally(1, 10), tally(1, 10)), tally(0, 0));
        assert_eq!(since(tally(5, 500), tally(1, 20)), tally(1, 20));
    }
}
