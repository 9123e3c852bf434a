//! Series from a file: `group,metric,kind,value,total`. A group is `stable` or `candidate`; a row of kind `value` is one
//! sample; one of kind `count` says how many events there were (`value`) out of how many (`total`).

use std::{collections::BTreeMap, io::Read};

use serde::Deserialize;

use crate::{Series, Tally};

/// By name of the metric, in the order of the alphabet.
pub type Csv = BTreeMap<String, Groups>;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Groups {
    pub stable: Option<Series>,
    pub candidate: Option<Series>,
}

/// What is wrong with a file, line by line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|(line, what)| format!("line {line}: {what}")).collect::<Vec<_>>().join("\n"))]
pub struct CsvError(pub Vec<(u64, String)>);

#[derive(Deserialize)]
struct Row {
    group: Group,
    metric: String,
    kind: Kind,
    value: f64,
    total: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Group {
    Stable,
    Candidate,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Value,
    Count,
}

const HEADER: [&str; 5] = ["group", "metric", "kind", "value", "total"];

impl Groups {
    /// All problems at once.
    pub fn read(from: impl Read) -> Result<Csv, CsvError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
        let header = reader
            .headers()
            .map_err(|error| CsvError(vec![(1, error.to_string())]))?;
        if header.iter().ne(HEADER) {
            return Err(CsvError(vec![(
                1,
                format!("the header is not `{}`", HEADER.join(",")),
            )]));
        }
        let (mut found, mut wrong) = (Csv::new(), Vec::new());
        let header = header.clone();
        for record in reader.records() {
            let (line, row) = match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    (
                        line,
                        record
                            .deserialize::<Row>(Some(&header))
                            .map_err(|error| told(&error)),
                    )
                }
                Err(error) => (error.position().map_or(0, csv::Position::line), Err(told(&error))),
            };
            if let Err(what) = row.and_then(|row| add(&mut found, row)) {
                wrong.push((line, what));
            }
        }
        if wrong.is_empty() {
            Ok(found)
        } else {
            Err(CsvError(wrong))
        }
    }
}

fn add(found: &mut Csv, row: Row) -> Result<(), String> {
    if !row.value.is_finite() {
        return Err(format!("{} is not a finite number", row.value));
    }
    let groups = found.entry(row.metric).or_default();
    let series = match row.group {
        Group::Stable => &mut groups.stable,
        Group::Candidate => &mut groups.candidate,
    };
    match row.kind {
        Kind::Value => match series.get_or_insert(Series::Value(Vec::new())) {
            Series::Value(values) => values.push(row.value),
            _ => return Err("a sample, where the lines before are counts".to_owned()),
        },
        Kind::Count => {
            let tally = tally(row.value, row.total)?;
            match series.get_or_insert(Series::Count(Vec::new())) {
                Series::Count(tallies) => tallies.push(tally),
                _ => return Err("a count, where the lines before are samples".to_owned()),
            }
        }
    }
    Ok(())
}

/// Beyond this, numbers of the file are not whole any more.
const MOST: f64 = 9_007_199_254_740_992.0;

fn tally(events: f64, of: Option<u64>) -> Result<Tally, String> {
    let of = of.ok_or("a count needs a total")?;
    if events.fract() != 0.0 || !(0.0..=MOST).contains(&events) {
        return Err(format!("{events} is not a number of events"));
    }
    let events = events as u64;
    if events > of {
        return Err(format!("{events} events out of {of}"));
    }
    Ok(Tally { events, of })
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let field = err.field().and_then(|field| HEADER.get(field as usize));
            let field = field.map_or(String::new(), |field| format!("{field}: "));
            format!("{field}{}", err.kind())
        }
        csv::ErrorKind::UnequalLengths { len, .. } => format!("{len} fields, {} are needed", HEADER.len()),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_read_and_all_that_is_wrong_is_told() {
        let read = |text: &str| Groups::read(format!("group,metric,kind,value,total\n{text}").as_bytes());
        let found = read("stable,ms,value,1.5,\ncandidate,ms,value,2,\nstable,errors,count,1,10\nstable,errors,count,0,5\n").unwrap();
        assert_eq!(found["ms"].candidate, Some(Series::Value(vec![2.0])));
        assert_eq!(found["errors"].stable.as_ref().map(Series::size), Some(15));
        assert_eq!(found["errors"].candidate, None);
        let wrong = read(
            "stable,ms,value,x,\ncanary,ms,value,1,\nstable,ms,value,1,\nstable,ms,count,1,2\nstable,e,count,3,2\nstable,e,count,1,\n\
             stable,e,count,1.5,2\nstable,ms\nstable,ms,value,inf,\n",
        );
        let expected = "line 2: value: invalid float literal\n\
            line 3: unknown variant `canary`, expected `stable` or `candidate`\n\
            line 5: a count, where the lines before are samples\nline 6: 3 events out of 2\nline 7: a count needs a total\n\
            line 8: 1.5 is not a number of events\nline 9: 2 fields, 5 are needed\nline 10: inf is not a finite number";
        assert_eq!(wrong.unwrap_err().to_string(), expected);
        let headless = Groups::read("a,b\n".as_bytes()).unwrap_err();
        assert_eq!(
            headless.to_string(),
            "line 1: the header is not `group,metric,kind,value,total`"
        );
    }
}
