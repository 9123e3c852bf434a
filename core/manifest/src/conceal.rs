//! Secrets that stand in a file where they should not: whatever is shown of the file, they are not.

use std::borrow::Cow;

use slipway_model::Span;

/// The text with an asterisk for each byte of a secret, so that everything else keeps its place.
pub(crate) fn conceal(text: &str, secrets: impl Iterator<Item = Span>) -> Cow<'_, str> {
    let mut concealed = Cow::Borrowed(text);
    for span in secrets {
        let start = boundary(text, span.start);
        let end = boundary(text, span.end).max(start);
        let mask: String = concealed[start..end]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { '*' })
            .collect();
        concealed.to_mut().replace_range(start..end, &mask);
    }
    concealed
}

/// The nearest place before an offset that is no part of a character.
pub(crate) fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|offset| text.is_char_boundary(*offset))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secrets: &[(usize, usize)], expected: &str) {
        let spans = secrets.iter().map(|(start, end)| Span::from(*start..*end));
        assert_eq!(conceal("a = 'x' # ü\nb = 'long'\n", spans), expected);
    }

    #[test]
    fn everything_else_keeps_its_place() {
        check(&[], "a = 'x' # ü\nb = 'long'\n");
        check(&[(17, 23)], "a = 'x' # ü\nb = ******\n");
        check(&[(17, 23), (4, 7)], "a = *** # ü\nb = ******\n");
        check(&[(4, 7), (6, 12)], "a = ********\nb = 'long'\n");
        check(&[(8, 14)], "a = 'x' ****\n* = 'long'\n");
        check(&[(17, 99)], "a = 'x' # ü\nb = ******\n");
    }
}
