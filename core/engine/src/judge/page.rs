//! Pages of metrics in Prometheus' text format, and what an instance's own page says.

use super::{
    metrics::TIMEOUT,
    reach::{Reach, shown},
};

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
}
