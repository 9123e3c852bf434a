//! `slipway`, with a ledger at which it dies where `SLIPWAY_FAULT` says, plugins of which a call breaks as `SLIPWAY_BREAKING`
//! says, and a clock that begins at `SLIPWAY_CLOCK`.

use std::{process::ExitCode, sync::Arc, time::Instant};

use jiff::Timestamp;
use slipway_cli::Hooks;
use slipway_testing::{Fault, Faulty};
use slipway_tests::Breaking;

fn main() -> ExitCode {
    let fault = std::env::var("SLIPWAY_FAULT")
        .ok()
        .and_then(|text| Fault::parse(&text));
    let store = fault.map(|fault| -> slipway_cli::StoreHook {
        Arc::new(move |store| Arc::new(Faulty::new(store, fault.clone())))
    });
    let clock = std::env::var("SLIPWAY_CLOCK")
        .ok()
        .map(|text| -> slipway_cli::Clock {
            let from: Timestamp = text.parse().expect("SLIPWAY_CLOCK is a time");
            let started = Instant::now();
            Arc::new(move || from + started.elapsed())
        });
    let breaking = std::env::var("SLIPWAY_BREAKING").ok();
    let limits = breaking
        .and_then(|text| Breaking::parse(&text))
        .map(Breaking::limits);
    slipway_cli::main_with(Hooks { store, clock, limits })
}
