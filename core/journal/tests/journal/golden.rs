//! Entries as earlier versions wrote them parse for ever, and the latest version is written as it was.

use slipway_journal::{Record, RunState, RunStatus};

const V1: &str = include_str!("../golden/v1.jsonl");
const V2: &str = include_str!("../golden/v2.jsonl");

#[test]
fn version_1_reads_and_writes_as_ever() {
    let records: Vec<_> = V1.lines().map(|line| Record::from_line(line).unwrap()).collect();
    for (record, line) in records.iter().zip(V1.lines()) {
        assert_eq!(record.to_line().unwrap(), line);
    }
    let status = RunStatus::fold(&records).unwrap();
    assert_eq!((status.state(), status.last()), (Some(RunState::RolledBack), 11));
    assert_eq!(status.activities().count(), 3);
}

#[test]
fn version_2_reads_and_writes_as_ever() {
    let records: Vec<_> = V2.lines().map(|line| Record::from_line(line).unwrap()).collect();
    for (record, line) in records.iter().zip(V2.lines()) {
        assert_eq!(record.to_line().unwrap(), line);
    }
    let status = RunStatus::fold(&records).unwrap();
    let notified = status.activity("deploy/3/route#1").unwrap();
    assert_eq!((notified.attempts, notified.decided), (2, Some(true)));
    assert_eq!(notified.request.bodies["/body"].size, 6000);
}

#[test]
fn a_later_version_may_say_more() {
    let more = V1
        .lines()
        .next()
        .unwrap()
        .replace("\"steps\"", "\"because\":\"new\",\"steps\"");
    assert_eq!(
        Record::from_line(&more).unwrap(),
        Record::from_line(V1.lines().next().unwrap()).unwrap()
    );
}

#[test]
fn a_newer_version_says_what_to_do() {
    let error = Record::from_line(r#"{"v":3,"whatever":1}"#)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("journal entry of version 3") && error.contains("use a newer slipway"),
        "{error}"
    );
}
