//! Makes a panic readable: wasm would only trap, so the message and its place are logged first.

use std::sync::Once;

use crate::log::{Level, emit};

static READY: Once = Once::new();

/// To be called at the beginning of every verb. Where there is nobody to log to nothing happens.
pub(crate) fn ready() {
    if cfg!(any(target_arch = "wasm32", feature = "native")) {
        READY.call_once(|| std::panic::set_hook(Box::new(|panic| emit(Level::Error, &panic.to_string()))));
    }
}
