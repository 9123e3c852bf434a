//! Measured values: a metric of an instance's text page, or the answer of a Prometheus server.

use std::time::Duration;

use slipway_plugin::{Address, Endpoint, Http, HttpRequest};
use url::form_urlencoded;

use super::reach::{Reach, shown};

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
        for line in page
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let Some((series, value)) = series(line) else {
                continue;
            };
            let Some((name, labels)) = split(series) else {
                continue;
            };
            if name == self.name && self.labels.iter().all(|label| labels.contains(label)) {
                *sum.get_or_insert(0.0) += value;
            }
        }
        sum
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

/// The largest value of an instant query.
pub(crate) async fn query(http: &dyn Http, endpoint: &Endpoint, query: &str) -> Result<f64, String> {
    let Address::Url(server) = &endpoint.address else {
        return Err("a Prometheus server is reached by a URL".to_owned());
    };
    let asked = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .finish();
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: format!("/api/v1/query?{asked}"),
        headers: Vec::new(),
        timeout: TIMEOUT,
    };
    let answer = http.send(server, endpoint, request).await;
    let answer = answer.map_err(|failure| failure.message)?;
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
    values
        .into_iter()
        .reduce(f64::max)
        .ok_or_else(|| format!("{server}: `{query}` has no value"))
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
}
