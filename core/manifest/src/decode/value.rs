//! A value that was read, with its place; and what everything that can be read can do.

use serde_json::Value;
use slipway_model::Span;
use toml::{Spanned, de::DeValue};

use super::{Context, Definitions};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// A key that may be absent, or present and wrong: either way there is nothing to work with.
pub(crate) type Slot<T> = Option<At<T>>;

pub(crate) trait Decode: Sized {
    /// Reports what is wrong; nothing only where nothing is usable.
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self>;

    fn schema(definitions: &mut Definitions) -> Value;
}

pub(crate) fn at<T: Decode>(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Slot<T> {
    let span = value.span().into();
    T::decode(value, cx).map(|value| At { value, span })
}
