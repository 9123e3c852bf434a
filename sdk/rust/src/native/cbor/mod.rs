//! The contract's values as bytes, for plugins that are native libraries: CBOR (RFC 8949) by position, as C writes it too.
//!
//! A record or a tuple is an array of its fields in the order of the contract, nothing at all is the empty one. An enum is the
//! number of its case; a variant is the array of that and what it holds, and a result is the variant of 0 (ok) and 1 (error).
//! An option is what it holds, or null. `list<u8>` is a byte string, any other list an array. Lengths are always known.

mod code;
mod read;
mod write;

pub use code::{Error, from_slice, to_vec};
