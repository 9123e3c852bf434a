//! Kinds of messages: what a log says, without what differs each time that it is said.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    iter::Peekable,
};

use serde::{Deserialize, Serialize};

/// So many are told apart; what is more says nothing.
const MOST: usize = 1_000;
/// Of a kind, and of its example.
const CHARACTERS: usize = 200;
const DIFFERS: &str = "<*>";
/// From so many letters on it is a number in hexadecimal digits.
const HEX: usize = 8;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kinds(BTreeMap<String, Kind>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    pub count: u64,
    /// The first of it.
    pub example: String,
}

impl Kinds {
    pub fn add(&mut self, message: &str) {
        let room = self.0.len() < MOST;
        match self.0.entry(kind(message)) {
            Entry::Occupied(known) => known.into_mut().count += 1,
            Entry::Vacant(new) if room => {
                let example = message.chars().take(CHARACTERS).collect();
                new.insert(Kind { count: 1, example });
            }
            Entry::Vacant(_) => {}
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that the other one does not have, the most frequent first.
    pub fn not_in(&self, other: &Self) -> Vec<&Kind> {
        let new = self.0.iter().filter(|(kind, _)| !other.0.contains_key(*kind));
        let mut new: Vec<_> = new.map(|(_, kind)| kind).collect();
        new.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        new
    }
}

/// Words with a digit in them, and long hexadecimal numbers, differ from time to time.
fn kind(message: &str) -> String {
    let mut kind = String::new();
    let mut rest = message.chars().take(4 * CHARACTERS).peekable();
    while let Some(word) = word(&mut rest) {
        let hex = word.len() >= HEX && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex || word.bytes().any(|byte| byte.is_ascii_digit()) {
            kind.push_str(DIFFERS);
        } else {
            kind.push_str(&word);
        }
    }
    kind.chars().take(CHARACTERS).collect()
}

/// Letters, digits and what joins them; or one character of anything else.
fn word(rest: &mut Peekable<impl Iterator<Item = char>>) -> Option<String> {
    let joined = |one: &char| one.is_alphanumeric() || matches!(one, '_' | '-');
    let mut word = String::from(rest.next()?);
    if word.chars().all(|one| joined(&one)) {
        while let Some(next) = rest.next_if(joined) {
            word.push(next);
        }
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_left_out() {
        for (message, expected) in [
            ("order 17 of user 4 failed", "order <*> of user <*> failed"),
            (
                "2026-11-29T18:24:29Z ERROR no stock",
                "<*>:<*>:<*> ERROR no stock",
            ),
            ("GET /orders/9f8e-abcd took 1.5ms", "GET /orders/<*> took <*>.<*>"),
            ("commit deadbeef is gone", "commit <*> is gone"),
            ("f\u{fc}r \u{2713} gr\u{fc}n", "f\u{fc}r \u{2713} gr\u{fc}n"),
            ("", ""),
        ] {
            assert_eq!(kind(message), expected, "{message}");
        }
    }

    #[test]
    fn new_kinds_are_told_with_an_example() {
        let of = |messages: &[&str]| {
            let mut kinds = Kinds::default();
            messages.iter().for_each(|message| kinds.add(message));
            kinds
        };
        let old = of(&["order 1 failed", "order 2 failed"]);
        let new = of(&[
            "order 3 failed",
            "no stock for 4",
            "no stock for 5",
            "out of memory",
        ]);
        let found: Vec<_> = new
            .not_in(&old)
            .into_iter()
            .map(|kind| (kind.count, kind.example.as_str()))
            .collect();
        assert_eq!(found, [(2, "no stock for 4"), (1, "out of memory")]);
        assert!(old.not_in(&new).is_empty());
    }

    #[test]
    fn there_are_not_more_than_a_log_of_noise_makes() {
        let mut kinds = Kinds::default();
        let letters = |mut number: usize| {
            let mut word = String::new();
            while word.len() < 5 {
                word.push(char::from(b'g' + (number % 20) as u8));
                number /= 20;
            }
            word
        };
        (0..3 * MOST).for_each(|number| kinds.add(&letters(number)));
        assert_eq!(kinds.0.len(), MOST);
    }
}
