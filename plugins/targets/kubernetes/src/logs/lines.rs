//! The lines of one container's log that have not been read yet. The cluster writes a time before each and lets one ask
//! from a second on, so that some come again and are passed over.

use super::Mark;

/// New lines, without the cluster's times.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Taken {
    pub(crate) text: Vec<u8>,
    pub(crate) mark: Mark,
    /// There were as many bytes as were asked for and nothing new in them: more must be asked for.
    pub(crate) stuck: bool,
}

/// `cut`: the answer was as long as it might be, so its last line may not be whole.
pub(crate) fn take(content: &[u8], mark: &Mark, cut: bool) -> Taken {
    let mut taken = Taken {
        mark: mark.clone(),
        ..Taken::default()
    };
    let whole = match content.iter().rposition(|byte| *byte == b'\n') {
        Some(end) if cut => &content[..=end],
        None if cut => &[],
        _ => content,
    };
    let mut seen = 0;
    for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let time = String::from_utf8_lossy(&line[..space]).into_owned();
        let text = line.get(space + 1..).unwrap_or_default();
        if later(&mark.time, &time) {
            continue;
        }
        if time == mark.time {
            seen += 1;
            if seen <= mark.lines {
                continue;
            }
        }
        if time == taken.mark.time {
            taken.mark.lines += 1;
        } else {
            taken.mark = Mark {
                time,
                lines: 1,
                done: false,
            };
        }
        taken.text.extend_from_slice(text);
        taken.text.push(b'\n');
    }
    taken.stuck = cut && taken.text.is_empty();
    taken
}

/// Fractions of a second are written without zeros at their end.
fn later(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches('Z'), other.trim_end_matches('Z'));
    one > other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(taken: &Taken) -> &str {
        std::str::from_utf8(&taken.text).unwrap()
    }

    #[test]
    fn every_line_once() {
        let log = b"2026-11-24T10:00:00.1Z a\n2026-11-24T10:00:00.2Z b\n2026-11-24T10:00:00.2Z c\n2026-11-24T10:00:00.25Z \n";
        let all = take(log, &Mark::default(), false);
        assert_eq!(text(&all), "a\nb\nc\n\n");
        for lines in 1..=3 {
            let end = log
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .nth(lines - 1)
                .unwrap()
                .0;
            let first = take(&log[..=end], &Mark::default(), false);
            let rest = take(log, &first.mark, false);
            assert_eq!(format!("{}{}", text(&first), text(&rest)), "a\nb\nc\n\n");
            assert_eq!(take(log, &rest.mark, false).text, b"");
        }
    }

    #[test]
    fn what_is_cut_is_asked_for_again() {
        let first = take(
            b"2026-11-24T10:00:00.1Z a\n2026-11-24T10:00:00.2Z hal",
            &Mark::default(),
            true,
        );
        assert_eq!((text(&first), first.stuck), ("a\n", false));
        let second = take(b"2026-11-24T10:00:00.1Z a\n2026-11-24T10:00", &first.mark, true);
        assert!(second.stuck);
    }
}
