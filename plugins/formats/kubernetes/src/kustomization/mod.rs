//! Kustomizations as they are written: read, checked, and nothing done yet.

mod fields;
mod generators;
mod parts;
mod read;
mod selection;

pub(crate) use fields::{Fields, Report, wrong_as_key};
pub(crate) use parts::{
    FieldOptions, Generator, Image, Kustomization, Labels, Located, Order, Patch, Replacement,
    ReplacementSource, Replicas, Selector, SortOptions, Source, Target, Variable,
};
pub(crate) use read::kustomization;
pub(crate) use selection::{field_spec, replacement};
