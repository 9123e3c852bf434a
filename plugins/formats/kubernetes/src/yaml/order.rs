//! The order of keys in what is printed: letters by code point, digits by their number, so that `a10` follows `a9`.

use std::cmp::Ordering;

/// Stable, and at ease with an order that is none: digits with zeros before them have no consistent one.
pub(crate) fn sort_by_key<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    sort_by_key(items, key);
    sort_by_key(&mut right, key);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let mut left = std::mem::take(items).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let from_right = compare(key(r), key(l)) == Ordering::Less;
        merged.extend(if from_right { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    *items = merged;
}

pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let same = a
        .char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map(|((at, _), _)| at);
    let Some(at) = same else {
        return a.len().cmp(&b.len());
    };
    let (mut x, mut y) = (a[at..].chars(), b[at..].chars());
    let (Some(first), Some(second)) = (x.next(), y.next()) else {
        return a.len().cmp(&b.len());
    };
    match (first.is_alphabetic(), second.is_alphabetic()) {
        (true, true) => return first.cmp(&second),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Behind another digit, zeros count.
    let behind_a_digit = a[..at]
        .bytes()
        .rev()
        .take_while(u8::is_ascii_digit)
        .any(|digit| digit != b'0');
    let start = i64::from((first == '0' || second == '0') && behind_a_digit);
    let (a_number, a_digits) = leading(&a[at..], start);
    let (b_number, b_digits) = leading(&b[at..], start);
    a_number
        .cmp(&b_number)
        .then(a_digits.cmp(&b_digits))
        .then(first.cmp(&second))
}

fn leading(text: &str, start: i64) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((start, 0), |(number, count), digit| {
        let number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        (number, count + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let mut keys = vec!["b", "a10", "a9", "a", ".x", "A", "a-b", "aa", "_", "1", "01"];
        sort_by_key(&mut keys, |key| key);
        assert_eq!(
            keys,
            [".x", "_", "1", "01", "A", "a", "a-b", "a9", "a10", "aa", "b"]
        );
    }
}
