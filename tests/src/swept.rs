//! What came of a sweep, in one line: `cargo xtask sweep` puts the lines of all sweeps into one table.

use std::fmt;

/// That nothing was lost and nothing happened twice is what the sweep has looked at, run by run.
pub struct Swept<'a> {
    pub what: &'a str,
    pub place: &'a str,
    pub ledger: &'a str,
    /// Of an undisturbed run.
    pub boundaries: usize,
    /// Those at which a process was killed.
    pub met: usize,
    pub kills: usize,
    /// Gone on with to the right end, whether it was asked something or not.
    pub resumed: usize,
    /// Effects that must not be repeated.
    pub repeated: usize,
}

impl fmt::Display for Swept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            place,
            ledger,
            boundaries,
            met,
            kills,
            resumed,
            repeated,
        } = self;
        let lost = kills - resumed;
        write!(
            f,
            "swept | {what} | {place} | {ledger} | {boundaries} | {met} | {kills} | {resumed} | {lost} | {repeated}"
        )
    }
}
