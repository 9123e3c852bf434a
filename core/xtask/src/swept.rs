//! The lines in which tests say where they have killed processes and what came of it (`tests/src/swept.rs` writes them), put into
//! one table.

/// Of a line that is such a row.
const ROW: &str = "swept | ";
const HEAD: [&str; 9] = [
    "",
    "place",
    "ledger",
    "boundaries",
    "met",
    "kills",
    "resumed",
    "lost",
    "repeated",
];
/// The columns that are numbers of their own.
const COUNTED: std::ops::Range<usize> = 3..9;

#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Vec<String>>);

impl Rows {
    /// Leaves alone what is no row of the table.
    pub(crate) fn take(&mut self, line: &str) {
        // The dot of a test that has passed meanwhile may stand before it.
        let row = line.trim_start_matches('.').strip_prefix(ROW);
        self.0
            .extend(row.map(|row| row.split(" | ").map(str::to_owned).collect()));
    }

    /// In columns, with what they come to.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
        lines.extend(self.0.iter().cloned());
        let mut sums = vec!["together".to_owned(), String::new(), String::new()];
        sums.extend(COUNTED.map(|column| {
            let numbers = self
                .0
                .iter()
                .filter_map(|row| row.get(column)?.parse::<u64>().ok());
            numbers.sum::<u64>().to_string()
        }));
        lines.push(sums);
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..HEAD.len()).map(width).collect();
        let shown = |line: &Vec<String>| {
            let cells = line.iter().zip(&widths).enumerate();
            let cells: Vec<_> = cells
                .map(|(column, (cell, width))| match COUNTED.contains(&column) {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                })
                .collect();
            cells.join("  ").trim_end().to_owned()
        };
        let lines: Vec<_> = lines.iter().map(shown).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_sums() {
        let mut rows = Rows::default();
        for row in [
            "a canary | one machine | SQLite | 10 | 10 | 12 | 12 | 0 | 0",
            "a chart | a cluster | SQLite | 100 | 99 | 130 | 130 | 0 | 0",
        ] {
            rows.take(&format!(".swept | {row}"));
        }
        rows.take("20 of 40: a canary");
        let expected = "          place        ledger  boundaries  met  kills  resumed  lost  repeated\n\
                        a canary  one machine  SQLite          10   10     12       12     0         0\n\
                        a chart   a cluster    SQLite         100   99    130      130     0         0\n\
                        together                              110  109    142      142     0         0";
        assert_eq!(rows.table(), expected);
    }
}
