//! What programs measure: a number, `value NUMBER` or `count EVENTS TOTAL` a line.

use std::collections::BTreeMap;

use slipway_judge::Tally;
use slipway_model::{Digest, Duration};
use slipway_plugin::Instance;

use super::{check::variable, metrics::Measured, reach::Reach};
use crate::program::{self, Kept, NoEnd, excerpt};

/// What a program has measured.
pub(crate) async fn printed(
    reach: &Reach<'_>,
    command: &[String],
    (revision, instances): (Digest, &[&Instance]),
    limit: Duration,
) -> Result<Measured, String> {
    let ended = program::run(
        &reach.folder,
        command,
        variables(revision, instances),
        (limit, Kept::First),
        &reach.mask,
    )
    .await;
    let ended = ended.map_err(|(NoEnd::TooLate(why) | NoEnd::Broken(why))| why)?;
    match ended.failure() {
        Some(failure) => Err(failure),
        None => measured(&String::from_utf8_lossy(&ended.stdout))
            .map_err(|why| format!("`{}` prints {why}", ended.program)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
