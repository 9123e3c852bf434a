//! Names in an order in which each comes after those that it must come after.

use std::collections::HashMap;

/// The names on a circle, the first one again at the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<String>);

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

/// `after` gives what a name comes after; names that are unknown there are left out. Otherwise the given order stays.
/// Without recursion, because nothing bounds the length of a chain but the size of the file.
pub(crate) fn in_order<'a>(
    names: impl IntoIterator<Item = &'a str>,
    after: impl Fn(&str) -> Option<Vec<&'a str>>,
) -> Result<Vec<&'a str>, Cycle> {
    let mut states = HashMap::new();
    let mut order = Vec::new();
    for name in names {
        let mut stack = vec![(name, None::<std::vec::IntoIter<&str>>)];
        while let Some((name, pending)) = stack.last_mut() {
            let name = *name;
            let pending = match pending {
                Some(pending) => pending,
                None if states.get(name) == Some(&State::Done) => {
                    stack.pop();
                    continue;
                }
                None => {
                    let Some(before) = after(name) else {
                        stack.pop();
                        continue;
                    };
                    states.insert(name, State::Open);
                    pending.insert(before.into_iter())
                }
            };
            match pending.next() {
                Some(next) if states.get(next) == Some(&State::Open) => {
                    let path = stack
                        .iter()
                        .map(|(name, _)| (*name).to_owned())
                        .skip_while(|name| name != next);
                    return Err(Cycle(path.chain([next.to_owned()]).collect()));
                }
                Some(next) => stack.push((next, None)),
                None => {
                    states.insert(name, State::Done);
                    order.push(name);
                    stack.pop();
                }
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edges: &[(&'static str, &[&'static str])], expected: Result<&[&str], &[&str]>) {
        let known: HashMap<_, _> = edges.iter().copied().collect();
        let order = in_order(edges.iter().map(|(name, _)| *name), |name| {
            known.get(name).map(|list| list.to_vec())
        });
        let cycle = |names: &[&str]| Cycle(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(order, expected.map(<[_]>::to_vec).map_err(cycle));
    }

    #[test]
    fn ordered() {
        check(&[("c", &["b"]), ("b", &["a"]), ("a", &[])], Ok(&["a", "b", "c"]));
        check(&[("x", &["gone"]), ("y", &["x", "x"])], Ok(&["x", "y"]));
        check(
            &[("d", &["b", "c"]), ("b", &["a"]), ("c", &["a"]), ("a", &[])],
            Ok(&["a", "b", "c", "d"]),
        );
    }

    #[test]
    fn circles_are_named() {
        check(&[("a", &["a"])], Err(&["a", "a"]));
        check(
            &[("x", &["a"]), ("a", &["b"]), ("b", &["a"])],
            Err(&["a", "b", "a"]),
        );
    }
}
