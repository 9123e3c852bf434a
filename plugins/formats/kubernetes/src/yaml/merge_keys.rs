//! `<<: *base`: what a map takes over from other maps. Its own keys win, then the maps in the order that they are named in.

use super::{
    malformed::Malformed,
    node::{Body, Map, Node},
};

pub(crate) fn merge_in(map: &mut Map, from: Node) -> Result<(), Malformed> {
    let place = from.place;
    let wrong = || Malformed {
        place,
        why: "`<<` takes a map or a list of maps".to_owned(),
    };
    let maps = match from.body {
        Body::Map(from) => vec![from],
        Body::List(items) => items
            .into_iter()
            .map(|item| match item.body {
                Body::Map(from) => Ok(from),
                _ => Err(wrong()),
            })
            .collect::<Result<_, _>>()?,
        Body::Scalar(_) => return Err(wrong()),
    };
    for entry in maps.into_iter().flat_map(|from| from.entries) {
        if map.get(&entry.key).is_none() {
            map.entries.push(entry);
        }
    }
    Ok(())
}
