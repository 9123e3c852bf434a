//! Series from a file, judged by hand: what is said, and the exit code of each verdict.

use std::fmt::Write as _;

use crate::kit::Place;

const HEADER: &str = "group,metric,kind,value,total\n";

/// Sixty intervals of 100 requests, with an error in every so many of the candidate's.
fn errors(every: usize) -> String {
    let mut text = String::new();
    for interval in 0..60 {
        let events = u8::from(interval % every == 0);
        let _ = write!(
            text,
            "stable,errors,count,0,100\ncandidate,errors,count,{events},100\n"
        );
    }
    text
}

fn latency(candidate: f64) -> String {
    let mut text = String::new();
    for sample in 0..40 {
        let value = f64::from(10 + sample % 7);
        let _ = write!(
            text,
            "stable,ms,value,{value},\ncandidate,ms,value,{},\n",
            value * candidate
        );
    }
    text
}

#[test]
fn verdicts_and_exit_codes() {
    let place = Place::new();
    let files = [
        (
            "good.csv",
            format!(
                "{HEADER}{}{}",
                errors(usize::MAX).replace(",1,100", ",0,100"),
                latency(1.0)
            ),
        ),
        ("bad.csv", format!("{HEADER}{}{}", errors(10), latency(1.5))),
        (
            "little.csv",
            format!("{HEADER}stable,ms,value,1,\ncandidate,ms,value,2,\ncandidate,new,value,1,\n"),
        ),
        ("wrong.csv", format!("{HEADER}stable,ms,value,fast,\nstable,ms\n")),
        ("empty.csv", HEADER.to_owned()),
    ];
    files.iter().for_each(|(name, text)| place.write(name, text));
    let lines: [&[&str]; 11] = [
        &["judge", "good.csv"],
        &["judge", "bad.csv"],
        &[
            "judge",
            "bad.csv",
            "--set",
            "tolerance=60",
            "--set",
            "confidence=99",
        ],
        &["judge", "little.csv"],
        &["judge", "wrong.csv"],
        &["judge", "empty.csv"],
        &["judge", "none.csv"],
        &["judge", "good.csv", "--set", "confidence=100"],
        &["judge", "good.csv", "--set", "patience=3"],
        &["judge", "--replay", "20261129"],
        &["judge", "little.csv", "--format", "json"],
    ];
    let said: Vec<_> = lines
        .iter()
        .map(|line| format!("$ slipway {}\n{}", line.join(" "), place.run(line).everything()))
        .collect();
    insta::assert_snapshot!("judge", said.join("\n"));
    let piped = place.run_with(&["judge", "-"], &files[1].1);
    assert_eq!(piped.stdout, place.run(&["judge", "bad.csv"]).stdout);
}
