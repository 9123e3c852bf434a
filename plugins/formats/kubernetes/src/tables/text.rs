//! The tables that are texts, and how they are read.

pub(crate) const FIELD_SPECS: &str = include_str!("field_specs.txt");
pub(crate) const NAME_REFERENCES: &str = include_str!("name_references.txt");
pub(crate) const MERGE_KEYS: &str = include_str!("merge_keys.txt");

/// The lines of a table without comments: its headings in brackets, and what is below each.
pub(crate) fn sections(table: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in table.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let heading = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        match (heading, sections.last_mut()) {
            (Some(heading), _) => sections.push((heading, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    sections
}
