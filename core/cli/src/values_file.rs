//! Puts values into an overlay's `values.toml`, which belongs to people: what they wrote stays as it is, comments too.

use std::{fs, io, path::Path};

use serde::Serialize as _;
use serde_json::Value;
use slipway_manifest::{ByteSize, Kind};
use toml_edit::{DocumentMut, ser::ValueSerializer};

use crate::error::CommandError;

/// Adds a parameter that the file does not have yet. `draft` is a path on the same file system: the file is whole
/// at any time.
pub(crate) fn add(
    file: &Path,
    draft: &Path,
    (name, kind): (&str, &Kind),
    value: &Value,
) -> Result<(), CommandError> {
    let cannot = |error: &dyn std::fmt::Display| {
        CommandError::failed(format!("cannot write `{name}` into {}: {error}", file.display()))
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(cannot(&error)),
    };
    let text = with(&text, (name, kind), value).map_err(|error| cannot(&error))?;
    // Behind a link stands the file that is meant.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let folders = [&file, draft].map(|path: &Path| path.parent().unwrap_or(Path::new(".")));
    folders
        .into_iter()
        .try_for_each(fs::create_dir_all)
        .and_then(|()| fs::write(draft, text))
        .and_then(|()| fs::rename(draft, &file))
        .map_err(|error| cannot(&error))
}

fn with(text: &str, (name, kind): (&str, &Kind), value: &Value) -> Result<String, String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    let written = match (kind, value.as_u64()) {
        // As people write sizes.
        (Kind::Bytes { .. }, Some(bytes)) => ByteSize(bytes).to_string().into(),
        _ => value
            .serialize(ValueSerializer::new())
            .map_err(|error| error.to_string())?,
    };
    let only_comments = document.is_empty();
    let only_tables = !only_comments
        && document
            .iter()
            .all(|(_, item)| item.is_table_like() && !item.is_value());
    document.insert(name, toml_edit::value(written));
    if only_comments {
        // They stand at the end of an empty document, and are meant as its head.
        let mut comments = document.trailing().as_str().unwrap_or_default().to_owned();
        if !comments.is_empty() && !comments.ends_with('\n') {
            comments.push('\n');
        }
        document.set_trailing("");
        if let Some(mut key) = document.key_mut(name) {
            key.leaf_decor_mut().set_prefix(comments);
        }
    } else if only_tables && let Some(value) = document[name].as_value_mut() {
        value.decor_mut().set_suffix("\n");
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(before: &str, kind: Value, value: Value, expected: &str) {
        let kind: Kind = serde_json::from_value(kind).unwrap();
        let found = with(before, ("new", &kind), &value).unwrap();
        assert_eq!(found, expected);
        let read: toml::Table = found.parse().unwrap();
        assert!(read.contains_key("new"), "{found}");
    }

    #[test]
    fn what_people_wrote_stays() {
        let port = || json!({ "type": "port" });
        check("", port(), json!(80), "new = 80\n");
        check("a = 1 # one\n", port(), json!(80), "a = 1 # one\nnew = 80\n");
        check(
            "a = 1\n\n# end\n",
            port(),
            json!(80),
            "a = 1\nnew = 80\n\n# end\n",
        );
        check(
            "# values of prod\n",
            port(),
            json!(80),
            "# values of prod\nnew = 80\n",
        );
        check(
            "[t] # a table\nb = 2\n",
            port(),
            json!(80),
            "new = 80\n\n[t] # a table\nb = 2\n",
        );
        check(
            "a = 1\n\n# two\n[t]\nb  =  2\n",
            port(),
            json!(80),
            "a = 1\nnew = 80\n\n# two\n[t]\nb  =  2\n",
        );
        check("a = 1", port(), json!(80), "a = 1\nnew = 80\n");
        check("# end", port(), json!(80), "# end\nnew = 80\n");
    }

    #[test]
    fn values_are_written_as_people_do() {
        let text = || json!({ "type": "string" });
        check(
            "",
            json!({ "type": "bytes" }),
            json!(67_108_864),
            "new = \"64MiB\"\n",
        );
        check("", text(), json!("a \"b\""), "new = 'a \"b\"'\n");
        check(
            "",
            json!({ "type": "list", "items": text() }),
            json!(["a", "b"]),
            "new = [\"a\", \"b\"]\n",
        );
        check(
            "",
            json!({ "type": "map", "items": { "type": "integer" } }),
            json!({ "a": 1, "b c": 2 }),
            "new = { a = 1, \"b c\" = 2 }\n",
        );
        check("", json!({ "type": "number" }), json!(0.5), "new = 0.5\n");
    }
}
