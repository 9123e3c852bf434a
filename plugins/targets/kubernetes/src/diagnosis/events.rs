//! What the cluster's warnings add: what no status says.

use serde_json::Value;
use slipway_kubernetes_api::text;

use super::{
    container::one_line,
    finding::{Finding, Rank},
};

/// The last warning of a kind about one object.
pub(super) fn last<'a>(events: &'a [Value], uid: &str, reasons: &[&str]) -> Option<&'a Value> {
    let about = events.iter().filter(|event| {
        text(event, "/involvedObject/uid") == uid && reasons.contains(&text(event, "/reason"))
    });
    about.max_by_key(|event| when(event))
}

/// Why something that makes pods could not: quota, admission, a missing account.
pub(super) fn refused(events: &[Value], owners: &[String]) -> Vec<Finding> {
    let about = |event: &&Value| {
        let name = text(event, "/involvedObject/name");
        // A Deployment's ReplicaSet is called after it.
        let own = |owner: &String| {
            name == owner
                || name
                    .strip_prefix(owner.as_str())
                    .is_some_and(|rest| rest.starts_with('-'))
        };
        text(event, "/reason") == "FailedCreate" && owners.iter().any(own)
    };
    let mut found: Vec<_> = events.iter().filter(about).collect();
    found.sort_by_key(|event| when(event));
    let finding = |event: &&Value| Finding {
        rank: Rank::Refused,
        words: format!("no pod can be made: {}", message(event)),
        pod: String::new(),
        hopeless: false,
        log: None,
    };
    found.last().map(finding).into_iter().collect()
}

pub(super) fn message(event: &Value) -> String {
    one_line(text(event, "/message"))
}

fn when(event: &Value) -> &str {
    let series = text(event, "/series/lastObservedTime");
    let last = text(event, "/lastTimestamp");
    let first = text(event, "/eventTime");
    series.max(last).max(first)
}
