//! JUnit's XML, which most CI systems show: a suite a run, a test case for whatever was done or judged in it.

use chrono::{DateTime, FixedOffset};
use jiff::Timestamp;
use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::{Account, Case, Went};

pub fn junit(accounts: &[Account]) -> Result<String, SerializeError> {
    let mut report = Report::new("slipway");
    report.add_test_suites(accounts.iter().map(suite));
    report.to_string()
}

fn suite(account: &Account) -> TestSuite {
    let Account { run, .. } = account;
    let mut suite = TestSuite::new(account.title());
    if let Some(time) = chrono(run.started) {
        suite.set_timestamp(time);
    }
    let until = run.ended.or_else(|| account.happened.last().map(|last| last.at));
    suite.set_time(took(run.started, until));
    let properties = [
        ("run", run.run.to_string()),
        ("steps", run.steps.join(",")),
        ("state", run.state.to_owned()),
        ("summary", run.summary.clone()),
    ];
    suite.add_properties(properties.map(|(name, value)| Property::new(name, value)));
    let class = format!("{}.{}", run.service, run.environment);
    suite.add_test_cases(account.cases().iter().map(|case| test_case(case, &class)));
    suite
}

fn test_case(case: &Case, class: &str) -> TestCase {
    let bad = |kind, what: &str| {
        let why = case.went.why();
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_type(what)
            .set_message(why.lines().next().unwrap_or_default())
            .set_description(format!("{}\n{why}", case.words));
        status
    };
    let status = match &case.went {
        Went::Well { .. } => TestCaseStatus::success(),
        Went::Failed { .. } => bad(NonSuccessKind::Failure, "fail"),
        Went::Inconclusive { .. } => bad(NonSuccessKind::Failure, "inconclusive"),
        Went::Broken { .. } => bad(NonSuccessKind::Error, "error"),
        Went::Open => bad(NonSuccessKind::Error, "interrupted"),
    };
    let mut test = TestCase::new(case.name.as_str(), status);
    test.set_classname(format!("{class}.{}", case.step));
    test.set_time(took(case.began, case.ended));
    if case.went.is_well() {
        test.set_system_out(case.went.why());
    }
    test
}

fn took(from: Timestamp, to: Option<Timestamp>) -> std::time::Duration {
    let took = to.map(|to| from.duration_until(to));
    took.and_then(|took| took.try_into().ok()).unwrap_or_default()
}

fn chrono(at: Timestamp) -> Option<DateTime<FixedOffset>> {
    let nanoseconds = u32::try_from(at.subsec_nanosecond()).ok()?;
    DateTime::from_timestamp(at.as_second(), nanoseconds).map(|at| at.fixed_offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account;

    #[test]
    fn a_suite_a_run() {
        let accounts = [account::succeeded(true), account::rolled_back()];
        insta::assert_snapshot!(junit(&accounts).expect("it can be written"));
    }
}
