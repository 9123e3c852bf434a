//! The pairs of keys and values that ConfigMaps and Secrets are generated from: files, files of variables, literals.

use super::reach;
use crate::{
    files::Files,
    kustomization::{Generator, Kustomization, Located},
    problem::{Outcome, Problem},
};

pub(crate) type Pairs = Vec<(String, Vec<u8>)>;

/// In the order in which kustomize reads them. Keys that are there twice are refused.
pub(crate) fn pairs(
    files: &Files,
    folder: &str,
    generator: &Generator,
    from: &Kustomization,
) -> Outcome<Pairs> {
    let problem = |key: &str, why: String| {
        Problem::new(&from.file, why)
            .at(generator.place)
            .key(format!("{}.{key}", generator.key))
    };
    let located = |key: &str, value: &str| Located {
        value: value.to_owned(),
        place: generator.place,
        key: format!("{}.{key}", generator.key),
    };
    let mut pairs = Pairs::new();
    for env in &generator.envs {
        let (text, _) = reach::text(files, folder, &located("envs", env), from)?;
        pairs.extend(variables(text));
    }
    for literal in &generator.literals {
        let (key, value) = literal
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| problem("literals", format!("`{literal}` is no key=value")))?;
        pairs.push((key.to_owned(), unquoted(value).as_bytes().to_vec()));
    }
    for source in &generator.files {
        let (key, path) = key_and_path(source).map_err(|why| problem("files", why))?;
        let (content, _) = reach::file(files, folder, &located("files", path), from)?;
        pairs.push((key.to_owned(), content.to_vec()));
    }
    let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
        let why = format!("the key `{}` of {} is there twice", twice[0], generator.name);
        return Err(problem("", why).key(&generator.key).into());
    }
    if let Some(why) = keys
        .iter()
        .find_map(|key| crate::kustomization::wrong_as_key(key))
    {
        return Err(problem("", why).key(&generator.key).into());
    }
    Ok(pairs)
}

fn variables(text: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        Some((key.to_owned(), value.as_bytes().to_vec()))
    })
}

/// `[KEY=]PATH`; without a key, the name of the file is one.
fn key_and_path(source: &str) -> Result<(&str, &str), String> {
    match source.split_once('=') {
        None => Ok((
            source.trim_end_matches('/').rsplit('/').next().unwrap_or(source),
            source,
        )),
        Some(("", _)) => Err(format!("`{source}` has no key")),
        Some((_, "")) => Err(format!("`{source}` has no path")),
        Some((_, path)) if path.contains('=') => Err(format!("`{source}` has a second `=`")),
        Some((key, path)) => Ok((key, path)),
    }
}

fn unquoted(value: &str) -> &str {
    let quoted = |quote: char| {
        value
            .strip_prefix(quote)
            .and_then(|value| value.strip_suffix(quote))
    };
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        assert_eq!(key_and_path("a/b.txt"), Ok(("b.txt", "a/b.txt")));
        assert_eq!(key_and_path("k=a/b.txt"), Ok(("k", "a/b.txt")));
        assert!(key_and_path("=a").is_err() && key_and_path("k=").is_err() && key_and_path("a=b=c").is_err());
        assert_eq!(unquoted("\"a\""), "a");
        assert_eq!(unquoted("\""), "\"");
        let found: Vec<_> = variables("# c\n\n A=b=c\nD\n").collect();
        assert_eq!(
            found,
            [("A".to_owned(), b"b=c".to_vec()), ("D".to_owned(), Vec::new())]
        );
    }
}
