//! `cargo xtask sweep`: what takes too long for every change. Real processes killed at every boundary of their journals, on
//! one machine over both ledgers and on a real cluster, disks that fail, races for a lease, and every bit of an archive
//! flipped. Each prints what was tried and what came of it; the kills are put into one table at the end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::{
    packages, plugins,
    talk::{Failed, cargo, say},
};

/// By what they are told to be: the test program, and the tests of it.
const SWEEPS: [(&str, &str, &[&str]); 7] = [
    ("races for a lease, over both ledgers", "journal", &["stopped"]),
    ("a canary on one machine, over both ledgers", "sweep", &[]),
    ("operator and agent", "all_die", &[]),
    ("a ledger whose disk fails", "full_disk", &[]),
    ("services released together", "services", &["killed_together"]),
    (
        "roll-outs on a cluster",
        "cluster_sweep",
        &["--test-threads", "2"],
    ),
    ("flips of an archive", "archive", &["flips"]),
];

/// Of a line that a test prints for the table; `tests/src/swept.rs` writes it.
const ROW: &str = "swept | ";
const HEAD: [&str; 9] = [
    "",
    "place",
    "ledger",
    "boundaries",
    "met",
    "kills",
    "resumed",
    "lost",
    "repeated",
];
/// The columns that are numbers of their own.
const COUNTED: std::ops::Range<usize> = 3..9;

pub(crate) fn sweep() -> Result<(), Failed> {
    packages::need(&packages::TESTS)?;
    plugins::build()?;
    let (mut failed, mut rows) = (Vec::new(), Vec::new());
    for (what, program, chosen) in SWEEPS {
        say(&format!("== {what}"));
        let mut command = cargo();
        command
            .env("SLIPWAY_SWEEP", "1")
            .args([
                "test",
                "--quiet",
                "--locked",
                "--workspace",
                "--test",
                program,
                "--",
                "--nocapture",
            ])
            .args(chosen);
        if !told(&mut command, &mut rows)? {
            failed.push(what);
        }
    }
    say(&table(&rows));
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failed(format!("failed: {}", failed.join("; ")))),
    }
}

/// Runs a program and hands on what it says, as it says it. Answers whether it succeeded.
fn told(command: &mut Command, rows: &mut Vec<Vec<String>>) -> Result<bool, Failed> {
    let cannot = |error: std::io::Error| Failed(format!("a sweep cannot be run: {error}"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let line = line.map_err(cannot)?;
        match line.strip_prefix(ROW) {
            Some(row) => rows.push(row.split(" | ").map(str::to_owned).collect()),
            None => say(&line),
        }
    }
    Ok(child.wait().map_err(cannot)?.success())
}

/// In columns, with what they come to.
fn table(rows: &[Vec<String>]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().cloned());
    let mut sums = vec!["together".to_owned(), String::new(), String::new()];
    sums.extend(COUNTED.map(|column| {
        let numbers = rows.iter().filter_map(|row| row.get(column)?.parse::<u64>().ok());
        numbers.sum::<u64>().to_string()
    }));
    lines.push(sums);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..HEAD.len()).map(width).collect();
    let shown = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).enumerate();
        let cells: Vec<_> = cells
            .map(|(column, (cell, width))| match COUNTED.contains(&column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let lines: Vec<_> = lines.iter().map(shown).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_sums() {
        let row = |text: &str| text.split(" | ").map(str::to_owned).collect::<Vec<_>>();
        let rows = [
            row("a canary | one machine | SQLite | 10 | 10 | 12 | 12 | 0 | 0"),
            row("a chart | a cluster | SQLite | 100 | 99 | 130 | 130 | 0 | 0"),
        ];
        let expected = "          place        ledger  boundaries  met  kills  resumed  lost  repeated\n\
                        a canary  one machine  SQLite          10   10     12       12     0         0\n\
                        a chart   a cluster    SQLite         100   99    130      130     0         0\n\
                        together                              110  109    142      142     0         0";
        assert_eq!(table(&rows), expected);
    }
}
