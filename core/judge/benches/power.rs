//! How often the judge fails what is worse, and what is not, by seeds: `cargo bench -p slipway-judge`.
#![allow(clippy::print_stdout, reason = "a table is what is asked for")]

#[path = "../tests/traffic/mod.rs"]
mod traffic;

use slipway_judge::{Look, Outcome, Series, Settings, judge};
use traffic::Traffic;

const SEEDS: u64 = 2_000;

fn main() {
    println!("failed of {SEEDS}, with the default settings; the first column is what is false alarm\n");
    let times = [1.0, 1.05, 1.1, 1.25, 1.5, 2.0];
    row("latency, samples", &times.map(|times| format!("x {times}")));
    for count in [10, 20, 50, 100, 200, 1_000] {
        row(
            &count.to_string(),
            &times.map(|times| failed(|traffic, times| traffic.latency(times, count), times)),
        );
    }
    println!();
    let times = [1.0, 1.5, 2.0, 5.0, 10.0];
    row("1 % errors, requests", &times.map(|times| format!("x {times}")));
    for count in [100, 500, 1_000, 5_000, 20_000] {
        row(
            &count.to_string(),
            &times.map(|times| failed(|traffic, times| traffic.errors(0.01 * times, 1, count), times)),
        );
    }
}

fn failed(series: impl Fn(&mut Traffic, f64) -> Series, times: f64) -> String {
    let settings = Settings::default();
    let worse = |seed: &u64| {
        let mut traffic = Traffic::new(*seed);
        let (new, old) = (series(&mut traffic, times), series(&mut traffic, 1.0));
        judge(&settings, Look::Only, &new, Some(&old)).outcome == Outcome::Fail
    };
    let failed = (0..SEEDS).filter(worse).count();
    format!("{:.1} %", failed as f64 / SEEDS as f64 * 100.0)
}

fn row(title: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>9}")).collect();
    println!("{title:>22}{cells}");
}
