//! `slipway`, with a ledger at which it dies where `SLIPWAY_FAULT` says.

use std::{process::ExitCode, sync::Arc};

use slipway_cli::Hooks;
use slipway_testing::{Fault, Faulty};

fn main() -> ExitCode {
    let fault = std::env::var("SLIPWAY_FAULT")
        .ok()
        .and_then(|text| Fault::parse(&text));
    let store = fault.map(|fault| -> slipway_cli::StoreHook {
        Arc::new(move |store| Arc::new(Faulty::new(store, fault.clone())))
    });
    slipway_cli::main_with(Hooks { store })
}
