//! Compiled components in an envelope: what they were compiled from, by which engine, and whether they are whole.
//! The envelope protects against mix-ups and damage, not against an enemy: compiled code is native code, and is read
//! only from this program itself or from a folder that nobody else can write.

use slipway_model::{Digest, Hasher};
use wasmtime::{Engine, component::Component};

use crate::engine::compatibility;

const MAGIC: &[u8; 8] = b"slipwayc";
const HEADER: usize = 8 + 8 + 64 + 64;

/// Compiles, and says in the envelope from what.
pub(crate) fn seal(engine: &Engine, component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let code = engine.precompile_component(component)?;
    let mut sealed = Vec::with_capacity(HEADER + code.len());
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&compatibility(engine));
    sealed.extend_from_slice(Digest::of(component).hex().as_bytes());
    sealed.extend_from_slice(Digest::of(&code).hex().as_bytes());
    sealed.extend_from_slice(&code);
    Ok(sealed)
}

/// The compiled component, if the envelope is whole and was made from this component by this engine.
///
/// The caller vouches that `sealed` was written by this program.
pub(crate) fn open(engine: &Engine, component: &[u8], sealed: &[u8]) -> Option<Component> {
    let (header, code) = sealed.split_at_checked(HEADER)?;
    let (magic, header) = header.split_at(8);
    let (compatible, header) = header.split_at(8);
    let (from, of) = header.split_at(64);
    let mut hasher = Hasher::default();
    hasher.update(code);
    let fits = magic == MAGIC
        && compatible == compatibility(engine)
        && from == Digest::of(component).hex().as_bytes()
        && of == hasher.finish().hex().as_bytes();
    if !fits {
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "compiled by this engine from this component, as the envelope says and its digest confirms; \
                  it comes from the program itself or from a folder that only its user can write"
    )]
    // SAFETY: see the reason above; wasmtime checks its own version and settings on top.
    unsafe { Component::deserialize(engine, code) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::engine;

    #[test]
    fn only_what_is_whole_and_ours_is_opened() {
        let engine = engine().unwrap();
        let component = wat::parse_str("(component)").unwrap();
        let sealed = seal(engine, &component).unwrap();
        assert!(open(engine, &component, &sealed).is_some());
        assert!(
            open(
                engine,
                &wat::parse_str("(component (core module))").unwrap(),
                &sealed
            )
            .is_none()
        );
        for at in [0, 8, 16, 80, HEADER, sealed.len() - 1] {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(open(engine, &component, &damaged).is_none(), "byte {at}");
            assert!(open(engine, &component, &sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
