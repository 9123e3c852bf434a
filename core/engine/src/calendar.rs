//! Whether an environment may be changed now, by its windows and freezes, and when that ends. Pure: time is given.

use std::fmt;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use slipway_manifest::{Environment, Freeze, Window, Zone};

use crate::Failed;

/// What windows and freezes say of a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Opening {
    pub open: bool,
    /// The window or the freeze that says so.
    pub by: String,
    /// When it is the other way round. Nothing, if that is further away than anybody plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// In which zone people there say the time.
    pub zone: Zone,
}

/// How many days are looked through for the next window: two weeks, because clocks that are put forward may take one away.
const LOOK_AHEAD: i64 = 15;

impl Opening {
    /// `None` where nobody has said anything about time.
    pub fn at(now: Timestamp, environment: &Environment) -> Option<Self> {
        let (windows, freezes) = (&environment.windows, &environment.freezes);
        if let Some(freeze) = frozen(now, freezes) {
            return Some(Self {
                open: false,
                by: freeze_in_words(freeze),
                until: opens(now, windows, freezes),
                zone: freeze.zone.clone(),
            });
        }
        let Some(first) = windows.first() else {
            let next = next_freeze(now, freezes)?;
            return Some(Self {
                open: true,
                by: format!("then {}", freeze_in_words(next.1)),
                until: Some(next.0),
                zone: next.1.zone.clone(),
            });
        };
        Some(match windows.iter().find(|window| inside(now, window)) {
            Some(window) => Self {
                open: true,
                by: window.to_string(),
                until: closes(now, windows, freezes),
                zone: window.zone.clone(),
            },
            None => {
                let all: Vec<_> = windows.iter().map(Window::to_string).collect();
                Self {
                    open: false,
                    by: all.join("; "),
                    until: opens(now, windows, freezes),
                    zone: first.zone.clone(),
                }
            }
        })
    }

    /// The refusal of a run.
    pub fn refusal(&self, environment: &impl fmt::Display) -> Failed {
        Failed::new(format!("{environment} is {self}")).hint(
            "`--outside-window REASON` goes ahead all the same, and the record says who did and why; going back (`slipway rollback`, `slipway abort`) is always possible",
        )
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            open,
            by,
            until,
            zone,
        } = self;
        let until = until.map(|until| {
            let local = until.to_zoned_datetime(zone.time_zone());
            format!("{} {zone}", local.strftime("%a %Y-%m-%d %H:%M"))
        });
        match (open, until) {
            (true, None) => write!(f, "open to changes ({by})"),
            (true, Some(until)) => write!(f, "open to changes until {until} ({by})"),
            (false, None) => write!(f, "closed to changes ({by}), and no opening is in sight"),
            (false, Some(until)) => write!(f, "closed to changes until {until} ({by})"),
        }
    }
}

fn freeze_in_words(
    Freeze {
        from,
        to,
        zone,
        reason,
    }: &Freeze,
) -> String {
    format!("frozen from {from} to {to} {zone}: {reason}")
}

/// The first moment from here on at which a run may begin.
fn opens(now: Timestamp, windows: &[Window], freezes: &[Freeze]) -> Option<Timestamp> {
    let mut moment = now;
    // Each freeze is left behind once, and between two of them is at most one way to a window.
    for _ in 0..=2 * freezes.len() + 1 {
        if let Some(freeze) = frozen(moment, freezes) {
            moment = freeze.zone.instant(freeze.to.end()?)?;
        } else if windows.is_empty() || windows.iter().any(|window| inside(moment, window)) {
            return Some(moment);
        } else {
            let begins = windows.iter().flat_map(|window| spans(moment, window));
            let next = begins.map(|(begin, _)| begin).filter(|begin| *begin > moment);
            moment = next.min()?;
        }
    }
    None
}

/// The end of the windows that hold now and follow one another without a gap, or the freeze that comes before it.
fn closes(now: Timestamp, windows: &[Window], freezes: &[Freeze]) -> Option<Timestamp> {
    let mut end = now;
    for _ in 0..LOOK_AHEAD {
        let spans = windows.iter().flat_map(|window| spans(end, window));
        let around = spans.filter(|(begin, close)| *begin <= end && end < *close);
        match around.map(|(_, close)| close).max() {
            Some(later) => end = later,
            None => break,
        }
    }
    let open = windows.iter().any(|window| inside(end, window));
    let freeze = next_freeze(now, freezes).map(|(begin, _)| begin);
    match freeze {
        Some(freeze) if open || freeze < end => Some(freeze),
        _ => Some(end).filter(|_| !open),
    }
}

fn inside(now: Timestamp, window: &Window) -> bool {
    spans(now, window).any(|(begin, end)| begin <= now && now < end)
}

/// When the window opens and closes, from the day before on.
fn spans(now: Timestamp, window: &Window) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let today = now.to_zoned_datetime(window.zone.time_zone()).date();
    let day = move |offset: i64| today.checked_add(offset.days()).ok();
    let days = (-1..LOOK_AHEAD).filter_map(day);
    let opening = move |day: &Date| {
        window.days.is_empty() || window.days.iter().any(|days| days.contain(day.weekday()))
    };
    days.filter(opening).filter_map(move |day| {
        let last = match window.to > window.from {
            true => day,
            false => day.tomorrow().ok()?,
        };
        let begin = window.zone.instant(window.from.on(day)?)?;
        let end = window.zone.instant(window.to.on(last)?)?;
        // Clocks that are put forward can leave nothing of it.
        (begin < end).then_some((begin, end))
    })
}

/// Of several, the one that lasts longest.
fn frozen(now: Timestamp, freezes: &[Freeze]) -> Option<&Freeze> {
    let holds = freezes.iter().filter_map(|freeze| {
        let begin = freeze.zone.instant(freeze.from.begin()?)?;
        let end = freeze.zone.instant(freeze.to.end()?)?;
        (begin <= now && now < end).then_some((end, freeze))
    });
    holds.max_by_key(|(end, _)| *end).map(|(_, freeze)| freeze)
}

fn next_freeze(now: Timestamp, freezes: &[Freeze]) -> Option<(Timestamp, &Freeze)> {
    let begins = freezes.iter().filter_map(|freeze| {
        let begin = freeze.zone.instant(freeze.from.begin()?)?;
        (begin > now).then_some((begin, freeze))
    });
    begins.min_by_key(|(begin, _)| *begin)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use slipway_manifest::parse;

    use super::*;

    fn opening(rules: &str, now: &str) -> String {
        let text = format!(
            "[service]\nname = \"shop\"\n[environments.prod]\ntarget = {{ plugin = \"machine\" }}\n{rules}\n"
        );
        let checked = parse(Path::new("deploy.toml"), &text);
        let manifest = checked
            .manifest
            .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
        let now = now.parse().unwrap();
        let (_, environment) = manifest.environments.first().unwrap();
        let opening = Opening::at(now, environment);
        opening.map_or("nothing said".to_owned(), |opening| opening.to_string())
    }

    #[track_caller]
    fn check(rules: &str, now: &str, expected: &str) {
        assert_eq!(opening(rules, now), expected, "{now}");
    }

    #[test]
    fn a_window_in_the_time_of_its_place() {
        let office = r#"window = { days = "mon-thu", from = "09:00", to = "16:00", zone = "Europe/Berlin" }"#;
        let what = "(mon-thu 09:00 to 16:00 Europe/Berlin)";
        let open = |until| format!("open to changes until {until} Europe/Berlin {what}");
        let closed = |until| format!("closed to changes until {until} Europe/Berlin {what}");
        // Winter: one hour before UTC.
        check(office, "2026-11-24T07:59:59Z", &closed("Tue 2026-11-24 09:00"));
        check(office, "2026-11-24T08:00:00Z", &open("Tue 2026-11-24 16:00"));
        check(office, "2026-11-24T14:59:59Z", &open("Tue 2026-11-24 16:00"));
        check(office, "2026-11-24T15:00:00Z", &closed("Wed 2026-11-25 09:00"));
        check(office, "2026-11-27T10:00:00Z", &closed("Mon 2026-11-30 09:00"));
        // Summer: two.
        check(office, "2026-07-06T07:00:00Z", &open("Mon 2026-07-06 16:00"));
        check(office, "2026-07-06T06:59:00Z", &closed("Mon 2026-07-06 09:00"));
        check("", "2026-07-06T07:00:00Z", "nothing said");
    }

    #[test]
    fn over_midnight_and_one_after_the_other() {
        let night = r#"window = [{ days = "fri", from = "22:00", to = "02:00", zone = "UTC" }, { days = "sat", from = "02:00", to = "03:00", zone = "UTC" }]"#;
        let what = "fri 22:00 to 02:00 UTC";
        let both = "(fri 22:00 to 02:00 UTC; sat 02:00 to 03:00 UTC)";
        check(
            night,
            "2026-11-28T01:00:00Z",
            &format!("open to changes until Sat 2026-11-28 03:00 UTC ({what})"),
        );
        check(
            night,
            "2026-11-27T01:00:00Z",
            &format!("closed to changes until Fri 2026-11-27 22:00 UTC {both}"),
        );
        check(
            night,
            "2026-11-28T03:00:00Z",
            &format!("closed to changes until Fri 2026-12-04 22:00 UTC {both}"),
        );
        let always = r#"window = { zone = "UTC" }"#;
        check(
            always,
            "2026-11-28T03:00:00Z",
            "open to changes (every day 00:00 to 24:00 UTC)",
        );
    }

    #[test]
    fn a_freeze_is_above_every_window() {
        let rules = r#"
window = { days = "mon-thu", from = "09:00", to = "16:00", zone = "UTC" }
freeze = [{ from = "2026-12-20", to = "2027-01-03", zone = "UTC", reason = "Christmas" },
          { from = "2027-01-04T09:00", to = "2027-01-04T12:00", zone = "UTC", reason = "inventory" }]"#;
        let closed = "closed to changes until Mon 2027-01-04 12:00 UTC (frozen from 2026-12-20 to 2027-01-03 UTC: Christmas)";
        check(rules, "2026-12-20T00:00:00Z", closed);
        check(rules, "2027-01-03T23:59:59Z", closed);
        let window = "mon-thu 09:00 to 16:00 UTC";
        check(
            rules,
            "2027-01-04T00:00:00Z",
            &format!("closed to changes until Mon 2027-01-04 12:00 UTC ({window})"),
        );
        check(
            rules,
            "2027-01-04T12:00:00Z",
            &format!("open to changes until Mon 2027-01-04 16:00 UTC ({window})"),
        );
        check(
            rules,
            "2026-12-17T15:00:00Z",
            &format!("open to changes until Thu 2026-12-17 16:00 UTC ({window})"),
        );
        let alone = r#"freeze = { from = "2026-12-20", to = "2027-01-03", zone = "Asia/Tokyo", reason = "Christmas" }"#;
        check(
            alone,
            "2026-12-19T14:59:59Z",
            "open to changes until Sun 2026-12-20 00:00 Asia/Tokyo (then frozen from 2026-12-20 to 2027-01-03 Asia/Tokyo: Christmas)",
        );
        check(
            alone,
            "2026-12-19T15:00:00Z",
            "closed to changes until Mon 2027-01-04 00:00 Asia/Tokyo (frozen from 2026-12-20 to 2027-01-03 Asia/Tokyo: Christmas)",
        );
        check(alone, "2027-01-03T15:00:00Z", "nothing said");
    }

    #[test]
    fn where_clocks_are_put_forward() {
        // 02:00 to 03:00 does not exist on this Sunday.
        let gap = r#"window = { days = "sun", from = "02:00", to = "03:00", zone = "Europe/Berlin" }"#;
        check(
            gap,
            "2026-03-28T12:00:00Z",
            "closed to changes until Sun 2026-04-05 02:00 Europe/Berlin (sun 02:00 to 03:00 Europe/Berlin)",
        );
    }
}
