//! Makes a panic readable: wasm would only trap, so the message and its place are logged first.

use std::sync::Once;

use crate::bindings::capabilities::slipway::plugin::log::{Level, emit};

static READY: Once = Once::new();

/// To be called at the beginning of every verb. Outside wasm there is nobody to log to and nothing happens.
pub(crate) fn ready() {
    if cfg!(target_arch = "wasm32") {
        READY.call_once(|| std::panic::set_hook(Box::new(|panic| emit(Level::Error, &panic.to_string()))));
    }
}
