//! How the process of a library came to its end, in words.

use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus};

pub(super) fn words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => match SIGNALS.iter().find(|(number, ..)| *number == signal) {
            Some((_, name, why)) => format!("it was ended by {name}: {why}"),
            None => format!("it was ended by signal {signal}"),
        },
        (None, Some(code)) => format!("it ended itself with code {code}"),
        (None, None) => "it has ended".to_owned(),
    }
}

/// Those that have one number on every machine that Linux runs on.
const SIGNALS: [(i32, &str, &str); 7] = [
    (4, "SIGILL", "it came to an instruction that there is not"),
    (
        6,
        "SIGABRT",
        "it gave up (panicked, aborted, or was given no more memory)",
    ),
    (8, "SIGFPE", "it divided by zero"),
    (
        9,
        "SIGKILL",
        "somebody killed it, or the machine has no more memory",
    ),
    (11, "SIGSEGV", "it reached outside its memory"),
    (15, "SIGTERM", "somebody ended it"),
    (24, "SIGXCPU", "it computed for too long"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        let words = |status| words(ExitStatus::from_raw(status));
        assert_eq!(
            words(11),
            "it was ended by SIGSEGV: it reached outside its memory"
        );
        assert_eq!(words(3 << 8), "it ended itself with code 3");
        assert_eq!(words(40), "it was ended by signal 40");
    }
}
