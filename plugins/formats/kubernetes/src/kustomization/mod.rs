//! Kustomizations as they are written: read, checked, and nothing done yet.

mod fields;
mod parts;
mod read;
mod selection;

pub use fields::{Fields, Report, text, wrong_as_key};
pub use parts::{
    FieldOptions, FieldSpecWritten, Generator, GeneratorOptions, Image, Kustomization, Labels, Located, OpenApi, Order,
    Patch, Replacement, ReplacementSource, Replicas, Selector, SortOptions, Source, Target, Variable,
};
pub use read::kustomization;
pub use selection::{field_spec, replacement};
