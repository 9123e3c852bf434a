//! What was read, without its places.

use crate::decode::{At, Named};

pub(super) fn text(slot: &Option<At<String>>) -> Option<String> {
    slot.as_ref().map(|text| text.value.clone())
}

pub(super) fn plain<T: Clone>(list: Option<&At<Vec<At<T>>>>) -> Vec<T> {
    list.iter()
        .flat_map(|list| &list.value)
        .map(|item| item.value.clone())
        .collect()
}

pub(super) fn each<'a, T, U>(
    named: &'a Option<At<Named<T>>>,
    normal: impl Fn(&T) -> Option<U> + 'a,
) -> impl Iterator<Item = Option<(String, U)>> + 'a {
    let named = named.iter().flat_map(|named| named.value.iter());
    named.map(move |(name, _, value)| Some((name.to_owned(), normal(value)?)))
}
