//! CDEvents (cdevents.dev, version 0.4.1), each as a CloudEvent in JSON: what other tools of delivery go by.
//!
//! Ids are made of the run and the place in its journal, so that whoever is sent an event twice sees that it is the same.
//! A service is never told to be removed, because no run leaves an environment without the service that it had.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use slipway_engine::Event;
use slipway_model::{Fleet, Plan};

use crate::{Account, Case, Went, What};

const VERSION: &str = "0.4.1";

/// In the order in which it happened.
pub fn cdevents(accounts: &[Account]) -> Vec<Value> {
    accounts.iter().flat_map(of_run).collect()
}

fn of_run(account: &Account) -> Vec<Value> {
    let mut told = Vec::new();
    let mut plan: Option<&Plan> = None;
    let mut going_back = false;
    for happening in &account.happened {
        let at = (happening.at, happening.seq);
        match &happening.what {
            What::Started { .. } => told.push(pipeline(account, "started", at)),
            What::Told { event } => match event.as_ref() {
                Event::Planned { plan: planned } => plan = Some(planned),
                Event::RollingBack { .. } => going_back = true,
                Event::ActionFinished { words, .. } if words.starts_with("confirm ") && !going_back => {
                    told.extend(plan.map(|plan| confirmed(account, plan, at)));
                }
                _ => {}
            },
            What::Ended { .. } => {
                let old = plan.and_then(|plan| plan.old.as_ref()).filter(|_| going_back);
                if let (Some(old), "rolled-back" | "aborted") = (old, account.run.state) {
                    told.push(service(account, "rolledback", old, at));
                }
                told.push(pipeline(account, "finished", at));
            }
            _ => {}
        }
    }
    told.extend(judged(account));
    told.sort_by_key(|told| (told.seq, told.rank));
    told.into_iter().map(|told| told.event).collect()
}

/// An event and its place among those of the run.
struct Told {
    seq: u64,
    /// Among those of one entry.
    rank: u8,
    event: Value,
}

fn pipeline(account: &Account, predicate: &str, at: (Timestamp, u64)) -> Told {
    let run = &account.run;
    let mut content = json!({
        "pipelineName": format!("{}/{}", run.service, run.environment),
        "url": format!("urn:slipway:{}:{}:{}", run.service, run.environment, run.run),
    });
    if predicate == "finished" {
        let outcome = match run.state {
            "succeeded" => "success",
            "failed" => "error",
            _ => "failure",
        };
        content["outcome"] = outcome.into();
        if run.state != "succeeded" {
            content["errors"] = run.summary.as_str().into();
        }
    }
    let subject = (("pipelineRun", "0.2.0"), run.run.as_str(), content);
    let rank = if predicate == "started" { 0 } else { 9 };
    event(account, predicate, subject, None, (at, rank))
}

/// From here on users are on the new revision.
fn confirmed(account: &Account, plan: &Plan, at: (Timestamp, u64)) -> Told {
    let back = account.run.steps.iter().any(|step| step == "roll-back");
    let predicate = match &plan.old {
        None => "deployed",
        Some(_) if back => "rolledback",
        Some(_) => "upgraded",
    };
    service(account, predicate, &plan.new, at)
}

fn service(account: &Account, predicate: &str, fleet: &Fleet, at: (Timestamp, u64)) -> Told {
    let run = &account.run;
    // A package URL, in which the colon of a digest is escaped.
    let digest = fleet.package.to_string().replace(':', "%3A");
    let content = json!({
        "artifactId": format!("pkg:oci/{}@{digest}", run.service),
        "environment": environment(account),
    });
    let more = json!({ "run": run.run, "version": fleet.version, "revision": fleet.revision });
    let subject = (("service", "0.2.0"), run.service.as_str(), content);
    event(account, predicate, subject, Some(more), (at, 5))
}

/// Checks and analyses: a suite a step.
fn judged(account: &Account) -> Vec<Told> {
    let mut told = Vec::new();
    let cases: Vec<_> = account.cases().into_iter().filter(|case| case.judged).collect();
    for of_step in cases.chunk_by(|one, other| one.step == other.step) {
        let (Some(first), Some(last)) = (of_step.first(), of_step.last()) else {
            continue;
        };
        let run = &account.run.run;
        let suite = format!("{run}/{}", first.step);
        let mut content = json!({
            "environment": environment(account),
            "testSuite": { "id": format!("{}/{}", account.run.service, first.step), "name": first.step },
        });
        let subject = |content| (("testSuiteRun", "0.2.0"), suite.as_str(), content);
        let began = of_step.iter().map(|case| case.began).min().unwrap_or(first.began);
        told.push(event(
            account,
            "started",
            subject(content.clone()),
            None,
            ((began, first.seq), 1),
        ));
        for case in of_step {
            told.push(test_case(account, case, &suite));
        }
        let worst = of_step.iter().find(|case| !case.went.is_well()).unwrap_or(last);
        said(&mut content, &worst.went);
        let ended = last.ended.unwrap_or(last.began);
        told.push(event(
            account,
            "finished",
            subject(content),
            None,
            ((ended, last.seq), 3),
        ));
    }
    told
}

fn test_case(account: &Account, case: &Case, suite: &str) -> Told {
    let mut content = json!({
        "environment": environment(account),
        "testSuiteRun": { "id": suite, "source": source(account) },
        "testCase": { "id": format!("{}/{}/{}", account.run.service, case.step, case.name), "name": case.name,
                      "type": "functional" },
    });
    said(&mut content, &case.went);
    let id = format!("{suite}/{}", case.name);
    let at = (case.ended.unwrap_or(case.began), case.seq);
    event(
        account,
        "finished",
        (("testCaseRun", "0.2.0"), &id, content),
        None,
        (at, 2),
    )
}

fn said(content: &mut Value, went: &Went) {
    let outcome = match went {
        Went::Well { .. } => "pass",
        Went::Failed { .. } | Went::Inconclusive { .. } => "fail",
        Went::Broken { .. } | Went::Open => "error",
    };
    content["outcome"] = outcome.into();
    content["reason"] = went.why().into();
}

fn event(
    account: &Account,
    predicate: &str,
    ((kind, version), id, content): ((&str, &str), &str, Value),
    more: Option<Value>,
    ((at, seq), rank): ((Timestamp, u64), u8),
) -> Told {
    let source = source(account);
    let name = format!("{}.{predicate}", kind.to_lowercase());
    let own = format!("{}/{seq}/{name}", account.run.run);
    let kind_of_event = format!("dev.cdevents.{name}.{version}");
    let mut data = Map::new();
    data.insert(
        "context".to_owned(),
        json!({ "version": VERSION, "id": own, "source": source, "type": kind_of_event, "timestamp": at }),
    );
    data.insert(
        "subject".to_owned(),
        json!({ "id": id, "source": source, "type": kind, "content": content }),
    );
    if let Some(more) = more {
        data.insert("customData".to_owned(), more);
        data.insert("customDataContentType".to_owned(), "application/json".into());
    }
    let event = json!({
        "specversion": "1.0", "id": own, "source": source, "type": kind_of_event, "subject": id, "time": at,
        "datacontenttype": "application/json", "data": data,
    });
    Told { seq, rank, event }
}

fn source(account: &Account) -> String {
    format!("/slipway/{}", account.run.service)
}

fn environment(account: &Account) -> Value {
    json!({ "id": account.run.environment, "source": source(account) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cdevents_sdk::CDEvent;

    use super::*;
    use crate::account;

    fn accounts() -> [Account; 4] {
        let mut back = account::succeeded(true);
        back.run.steps = vec!["roll-back".to_owned()];
        [
            account::succeeded(false),
            account::succeeded(true),
            back,
            account::rolled_back(),
        ]
    }

    #[test]
    fn what_is_told_of_a_run() {
        let lines: Vec<_> = accounts()
            .iter()
            .map(|account| cdevents(std::slice::from_ref(account)))
            .map(|events| {
                let lines: Vec<_> = events
                    .iter()
                    .map(|event| {
                        let content = &event["data"]["subject"]["content"];
                        format!(
                            "{} {} {} {} {}",
                            event["time"], event["type"], event["id"], event["subject"], content
                        )
                    })
                    .collect();
                lines.join("\n")
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n\n"));
    }

    /// By those who read them: types made of the published schemas, in which nothing unknown is allowed.
    #[test]
    fn they_are_what_others_read() {
        let mut kinds = BTreeSet::new();
        for event in cdevents(&accounts()) {
            let read: CDEvent = serde_json::from_value(event["data"].clone())
                .unwrap_or_else(|error| panic!("{error}: {event:#}"));
            assert_eq!(read.version(), VERSION);
            assert_eq!(read.id().as_str(), event["id"]);
            assert_eq!(read.source().as_str(), event["source"]);
            assert_eq!(read.subject().id().as_str(), event["subject"]);
            assert_eq!(read.subject().content().ty(), event["type"]);
            // The library takes any case here; the schemas do not.
            let kind = event["data"]["subject"]["type"].as_str().expect("a kind");
            assert!(
                ["pipelineRun", "service", "testSuiteRun", "testCaseRun"].contains(&kind),
                "{kind}"
            );
            kinds.insert(read.subject().content().ty().to_owned());
        }
        assert_eq!(kinds.len(), 8, "{kinds:?}");
    }

    #[test]
    fn an_event_is_the_same_whenever_it_is_sent() {
        let account = account::rolled_back();
        let first = cdevents(std::slice::from_ref(&account));
        assert_eq!(first, cdevents(&[account]));
        let ids: BTreeSet<_> = first.iter().map(|event| event["id"].to_string()).collect();
        assert_eq!(ids.len(), first.len());
    }
}
