//! Placeholders that are known only when an instance starts: `${port.http}`, `${data}` and so on. Pure.

use std::collections::BTreeMap;

/// Replaces every `${name}`; `$${` is a plain `${`. The error is the name that nobody knows.
pub(crate) fn expand(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = &from[2..];
            continue;
        }
        out.push_str(before);
        let Some(end) = from.find('}') else {
            return Err(from.chars().take(40).collect());
        };
        let name = &from[2..end];
        out.push_str(values.get(name).ok_or_else(|| name.to_owned())?);
        rest = &from[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let values = BTreeMap::from([
            ("port.http".to_owned(), "80".to_owned()),
            ("app".to_owned(), "/a".to_owned()),
            ("value.odd".to_owned(), "${app} $${".to_owned()),
        ]);
        let found = expand(text, &values);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn known_names_only() {
        check("", Ok(""));
        check("plain $HOME $", Ok("plain $HOME $"));
        check("${app}/x:${port.http}", Ok("/a/x:80"));
        check("$${app} ${app}", Ok("${app} /a"));
        check("<${value.odd}>", Ok("<${app} $${>"));
        check("${port.admin}", Err("port.admin"));
        check("a ${app", Err("${app"));
        check("${}", Err(""));
    }
}
