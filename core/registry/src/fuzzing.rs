//! What is read of strangers' bytes, for `core/fuzz`.

use crate::Manifest;

/// What a registry answers as a manifest.
pub fn manifest(bytes: &[u8]) {
    // That it is refused is as good.
    drop(Manifest::parse(bytes, None));
}
