//! Columns of text, aligned, without lines around them.

use std::fmt::Write as _;

const GAP: &str = "  ";

/// As times are shown to people.
pub const TIME: &str = "%Y-%m-%d %H:%M:%SZ";

/// The last column is as long as it is; nothing trails.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize, title: &str| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .chain([title.chars().count()])
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<_> = head
        .iter()
        .enumerate()
        .map(|(column, title)| width(column, title))
        .collect();
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, width) in cells.zip(&widths) {
            // Writing to a text cannot fail.
            let _ = write!(line, "{cell:width$}{GAP}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line(&mut head.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "long word".to_owned()],
            vec!["äöü1".to_owned(), String::new()],
        ];
        assert_eq!(table(&["x", "y"], &rows), "x     y\na     long word\näöü1\n");
        assert_eq!(table(&["x", "y"], &[]), "x  y\n");
    }
}
