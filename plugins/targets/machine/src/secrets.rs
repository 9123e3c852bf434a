//! Secrets on their way to the agent. The host puts a secret in wherever `${secret.NAME}` stands, and the agent fills
//! `${...}` in texts: a secret that holds a `${` of its own would be taken for a placeholder. So texts name it as
//! `${value.NAME}`, and the value travels beside them, where the agent looks for nothing. Pure.

use std::collections::BTreeMap;

const SECRET: &str = "${secret.";
/// No secret can be called so. It lets `$${secret.` stand for a plain `${secret.`, which the host would fill in too.
const DOLLAR: &str = "$";

/// The text without its secrets, which are added to `values`.
pub(crate) fn aside(text: &str, values: &mut BTreeMap<String, String>) -> String {
    let mut aside = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SECRET) {
        if let Some(before) = before.strip_suffix('$') {
            values.insert(DOLLAR.to_owned(), DOLLAR.to_owned());
            aside.push_str(before);
            aside.push_str(&format!("${{value.{DOLLAR}}}{{secret."));
            rest = after;
            continue;
        }
        aside.push_str(before);
        // One without an end is the agent's to refuse.
        let Some((name, after)) = after.split_once('}') else {
            return aside + SECRET + after;
        };
        values.insert(name.to_owned(), format!("{SECRET}{name}}}"));
        aside.push_str(&format!("${{value.{name}}}"));
        rest = after;
    }
    aside + rest
}

/// A text in which nothing is to be filled in, by nobody.
pub(crate) fn plain(text: &str, values: &mut BTreeMap<String, String>) -> String {
    if text.contains("${") {
        values.insert(DOLLAR.to_owned(), DOLLAR.to_owned());
    }
    text.replace("${", &format!("${{value.{DOLLAR}}}{{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, named: &[(&str, &str)]) {
        let mut values = BTreeMap::new();
        assert_eq!(aside(text, &mut values), expected);
        let named = named
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(values, named.collect());
    }

    #[test]
    fn texts_name_them_and_values_hold_them() {
        check("a ${port.http} $${x}", "a ${port.http} $${x}", &[]);
        check(
            "${secret.a}:${secret.b}@${secret.a}",
            "${value.a}:${value.b}@${value.a}",
            &[("a", "${secret.a}"), ("b", "${secret.b}")],
        );
        check("x $${secret.a} y", "x ${value.$}{secret.a} y", &[("$", "$")]);
        check("${secret.a", "${secret.a", &[]);
    }
}
