//! Measured values: a metric of an instance's text page, the answer of a Prometheus server, a number of a JSON document,
//! or what a program prints.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::{Deserialize, Serialize};
use slipway_judge::Tally;
use slipway_model::{Digest, Duration as Span};
use slipway_plugin::{Address, Endpoint, Http, HttpAnswer, HttpRequest, Instance};
use url::form_urlencoded;

use super::{
    check::variable,
    program::{self, NoEnd, excerpt},
    reach::{Reach, shown},
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A metric's name with optional label matchers: `http_errors_total{code="500"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    name: String,
    labels: Vec<(String, String)>,
}

impl Selector {
    pub fn parse(text: &str) -> Option<Self> {
        let (name, labels) = split(text)?;
        Some(Self {
            name: name.to_owned(),
            labels,
        })
    }

    /// The sum over all series of a page in the text format that match; nothing if there is none.
    pub fn sum(&self, page: &str) -> Option<f64> {
        let mut sum = None;
        for (name, labels, value) in samples(page) {
            if name == self.name && self.labels.iter().all(|label| labels.contains(label)) {
                *sum.get_or_insert(0.0) += value;
            }
        }
        sum
    }
}

/// What one look at a source brought.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tallies: Vec<Tally>,
}

impl Measured {
    /// What is no number is no evidence.
    pub(crate) fn value(value: f64) -> Self {
        Self {
            values: Some(value)
                .filter(|value| value.is_finite())
                .into_iter()
                .collect(),
            tallies: Vec::new(),
        }
    }
}

pub(crate) async fn scrape(
    reach: &Reach<'_>,
    address: &str,
    path: &str,
    selector: &Selector,
) -> Result<f64, String> {
    let url = shown(address, path);
    let answer = reach.ask(address, ("GET", path), Vec::new(), TIMEOUT).await?;
    if answer.status != 200 {
        return Err(format!("{url} answers {}", answer.status));
    }
    let page = String::from_utf8_lossy(&answer.body);
    selector
        .sum(&page)
        .ok_or_else(|| format!("{url} has no metric {}", selector.name))
}

/// The largest value of an instant query; nothing where there is no series, or none with a number.
pub(crate) async fn query(http: &dyn Http, endpoint: &Endpoint, query: &str) -> Result<Option<f64>, String> {
    let asked = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .finish();
    let (server, answer) = ask(http, endpoint, format!("/api/v1/query?{asked}")).await?;
    let document: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|_| format!("{server} answers {} without JSON", answer.status))?;
    if document["status"] != "success" {
        return Err(format!(
            "{server}: {}",
            document["error"].as_str().unwrap_or("the query failed")
        ));
    }
    let number = |value: &serde_json::Value| value.get(1)?.as_str()?.parse::<f64>().ok();
    let result = &document["data"]["result"];
    let values: Vec<f64> = match document["data"]["resultType"].as_str() {
        Some("scalar") => number(result).into_iter().collect(),
        _ => result
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|series| number(&series["value"]))
            .collect(),
    };
    let finite = values.into_iter().filter(|value| value.is_finite());
    Ok(finite.reduce(f64::max))
}

/// The number where a pointer leads to in a JSON document of an endpoint.
pub(crate) async fn document(
    http: &dyn Http,
    endpoint: &Endpoint,
    path: &str,
    pointer: &str,
) -> Result<f64, String> {
    let (server, answer) = ask(http, endpoint, path.to_owned()).await?;
    number(&answer, &format!("{server}{path}"), pointer)
}

/// The same of an instance.
pub(crate) async fn document_of(
    reach: &Reach<'_>,
    address: &str,
    path: &str,
    pointer: &str,
) -> Result<f64, String> {
    let answer = reach.ask(address, ("GET", path), Vec::new(), TIMEOUT).await?;
    number(&answer, &shown(address, path), pointer)
}

/// What a program has measured.
pub(crate) async fn printed(
    folder: &Path,
    command: &[String],
    (revision, instances): (Digest, &[&Instance]),
    limit: Span,
) -> Result<Measured, String> {
    let ended = program::run(folder, command, variables(revision, instances), limit).await;
    let ended = ended.map_err(|(NoEnd::TooLate(why) | NoEnd::Broken(why))| why)?;
    match ended.failure() {
        Some(failure) => Err(failure),
        None => measured(&String::from_utf8_lossy(&ended.stdout))
            .map_err(|why| format!("`{}` prints {why}", ended.program)),
    }
}

async fn ask<'e>(
    http: &dyn Http,
    endpoint: &'e Endpoint,
    path: String,
) -> Result<(&'e str, HttpAnswer), String> {
    let Address::Url(server) = &endpoint.address else {
        return Err("what is measured is reached by a URL".to_owned());
    };
    let request = HttpRequest {
        method: "GET".to_owned(),
        path,
        headers: Vec::new(),
        timeout: TIMEOUT,
    };
    let answer = http.send(server, endpoint, request).await;
    Ok((server, answer.map_err(|failure| failure.message)?))
}

fn number(answer: &HttpAnswer, url: &str, pointer: &str) -> Result<f64, String> {
    if answer.status != 200 {
        return Err(format!("{url} answers {}", answer.status));
    }
    let document: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|error| format!("{url}: the body is no JSON: {error}"))?;
    let found = document.pointer(pointer);
    let number = found.and_then(serde_json::Value::as_f64);
    number.ok_or_else(|| match found {
        None => format!("{url}: `{pointer}` is missing"),
        Some(other) => format!("{url}: `{pointer}` is no number: {}", excerpt(&other.to_string())),
    })
}

fn variables(revision: Digest, instances: &[&Instance]) -> Vec<(String, String)> {
    let mut names = Vec::new();
    let mut addresses: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for instance in instances {
        names.push(instance.name.as_str());
        for port in &instance.ports {
            let name = format!("SLIPWAY_ADDRESSES_{}", variable(&port.name));
            addresses.entry(name).or_default().push(&port.address);
        }
    }
    let mut variables = vec![
        ("SLIPWAY_REVISION".to_owned(), revision.hex()),
        ("SLIPWAY_INSTANCES".to_owned(), names.join(" ")),
    ];
    variables.extend(addresses.into_iter().map(|(name, all)| (name, all.join(" "))));
    variables
}

/// A number, `value NUMBER` or `count EVENTS TOTAL` a line.
fn measured(text: &str) -> Result<Measured, String> {
    let mut found = Measured::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let value = |word: &str| word.parse::<f64>().ok().filter(|value| value.is_finite());
        let known = match words[..] {
            [number] | ["value", number] => value(number).map(|value| found.values.push(value)),
            ["count", events, of] => (events.parse().ok())
                .zip(of.parse().ok())
                .filter(|(events, of)| events <= of)
                .map(|(events, of)| found.tallies.push(Tally { events, of })),
            _ => None,
        };
        if known.is_none() {
            return Err(format!(
                "what is neither a number, nor `value NUMBER`, nor `count EVENTS TOTAL`: {}",
                excerpt(line)
            ));
        }
    }
    if !found.values.is_empty() && !found.tallies.is_empty() {
        return Err("values and counts, which are not judged together".to_owned());
    }
    Ok(found)
}

/// All that a page in the text format has: name, labels and value.
pub(super) fn samples(page: &str) -> impl Iterator<Item = (&str, Vec<(String, String)>, f64)> {
    let lines = page.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| {
        let (series, value) = series(line)?;
        let (name, labels) = split(series)?;
        Some((name, labels, value))
    })
}

/// A line of the text format: series, value, and a time that is of no interest.
fn series(line: &str) -> Option<(&str, f64)> {
    let end = line
        .rfind('}')
        .map_or_else(|| line.find(char::is_whitespace), |brace| Some(brace + 1))?;
    let value = line[end..].split_whitespace().next()?;
    Some((&line[..end], value.parse().ok()?))
}

fn split(series: &str) -> Option<(&str, Vec<(String, String)>)> {
    let Some((name, rest)) = series.split_once('{') else {
        return Some((series.trim(), Vec::new()));
    };
    let mut rest = rest.trim_end().strip_suffix('}')?.trim();
    let mut labels = Vec::new();
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (_, '\\') => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (position, '"') => break position,
                (_, other) => value.push(other),
            }
        };
        labels.push((label.trim().to_owned(), value));
        rest = after[end + 1..].trim_start().trim_start_matches(',').trim_start();
    }
    Some((name.trim(), labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP requests all\nrequests{code=\"200\",path=\"/a,b\"} 90 1700000000\nrequests{code=\"500\"} 7\n\
                        requests{code=\"500\",path=\"\\\"}\"} 3\nup 1\n";

    #[test]
    fn selects_and_sums() {
        let check = |selector: &str, expected: Option<f64>| {
            assert_eq!(
                Selector::parse(selector).unwrap().sum(PAGE),
                expected,
                "{selector}"
            );
        };
        check("requests", Some(100.0));
        check("requests{code=\"500\"}", Some(10.0));
        check("requests{path=\"/a,b\"}", Some(90.0));
        check("requests{path=\"\\\"}\"}", Some(3.0));
        check("up", Some(1.0));
        check("down", None);
    }

    #[test]
    fn what_programs_print() {
        let check = |text: &str, values: &[f64], tallies: &[(u64, u64)]| {
            let found = measured(text).unwrap();
            let counted: Vec<_> = found
                .tallies
                .iter()
                .map(|tally| (tally.events, tally.of))
                .collect();
            assert_eq!(
                (found.values.as_slice(), counted.as_slice()),
                (values, tallies),
                "{text}"
            );
        };
        check("0.25\n", &[0.25], &[]);
        check("value 1\n\nvalue 2e3\n", &[1.0, 2000.0], &[]);
        check("count 3 100\ncount 0 5", &[], &[(3, 100), (0, 5)]);
        check("", &[], &[]);
        for bad in [
            "many",
            "value",
            "value NaN",
            "inf",
            "count 5 4",
            "count -1 4",
            "count 1",
            "1 2",
            "value 1\ncount 1 2",
        ] {
            assert!(measured(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_of_documents() {
        let answer = |status, body: &str| HttpAnswer {
            status,
            body: body.as_bytes().to_vec(),
        };
        let body = r#"{"orders": {"failed": 3, "state": "well"}}"#;
        let check = |status, body, pointer, expected: Result<f64, &str>| {
            let found = number(&answer(status, body), "http://a", pointer);
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        check(200, body, "/orders/failed", Ok(3.0));
        check(200, "17", "", Ok(17.0));
        check(
            200,
            body,
            "/orders/none",
            Err("http://a: `/orders/none` is missing"),
        );
        check(
            200,
            body,
            "/orders/state",
            Err("http://a: `/orders/state` is no number: \"well\""),
        );
        check(503, body, "/orders/failed", Err("http://a answers 503"));
        assert!(number(&answer(200, "<html>"), "http://a", "").is_err());
    }
}
