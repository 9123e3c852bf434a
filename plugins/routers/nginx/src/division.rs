//! Which revision the Service leads to, and which one the canary. Pure.

/// Who users are sent to, by the names of the revisions' own Services.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Division<'a> {
    /// None where nobody has users.
    pub(crate) stable: Option<&'a str>,
    pub(crate) canary: Option<Canary<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Canary<'a> {
    pub(crate) service: &'a str,
    pub(crate) weight: u32,
    /// What the weight is a part of.
    pub(crate) total: u32,
    /// To requests with the header.
    pub(crate) shown: bool,
}

const ALL: u32 = 100;

/// `now` is what the Service leads to already: it stays the one for as long as it has users, so that a canary's whole
/// way moves one number and nothing else.
pub(crate) fn divide<'a>(
    users: &[(&'a str, u32)],
    now: Option<&str>,
    preview: Option<&'a str>,
) -> Result<Division<'a>, String> {
    let shown_only = |stable: Option<&str>| {
        let shown = preview.filter(|preview| stable != Some(*preview));
        shown.map(|service| Canary {
            service,
            weight: 0,
            total: ALL,
            shown: true,
        })
    };
    match users {
        [] => Ok(Division {
            stable: None,
            canary: shown_only(None),
        }),
        [(one, _)] => Ok(Division {
            stable: Some(one),
            canary: shown_only(Some(one)),
        }),
        [first, second] => {
            let second_stays = match now {
                Some(now) if now == first.0 => false,
                Some(now) if now == second.0 => true,
                _ => second.1 > first.1,
            };
            let (stable, canary) = if second_stays {
                (second, first)
            } else {
                (first, second)
            };
            if preview.is_some_and(|preview| preview != stable.0 && preview != canary.0) {
                return Err(
                    "a third revision cannot be shown while two have users: ingress-nginx takes one canary"
                        .to_owned(),
                );
            }
            Ok(Division {
                stable: Some(stable.0),
                canary: Some(Canary {
                    service: canary.0,
                    weight: canary.1,
                    total: stable.1 + canary.1,
                    shown: preview == Some(canary.0),
                }),
            })
        }
        more => Err(format!(
            "{} Services cannot share the users of one Ingress: ingress-nginx takes one canary",
            more.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(users: &[(&str, u32)], now: Option<&str>, preview: Option<&str>, expected: &str) {
        let words = match divide(users, now, preview) {
            Err(_) => "refused".to_owned(),
            Ok(Division { stable, canary }) => {
                let canary = canary.map_or(String::new(), |canary| {
                    let shown = if canary.shown { " shown" } else { "" };
                    format!(", {} {}/{}{shown}", canary.service, canary.weight, canary.total)
                });
                format!("{}{canary}", stable.unwrap_or("nobody"))
            }
        };
        assert_eq!(words, expected, "{users:?} {now:?} {preview:?}");
    }

    #[test]
    fn a_canary_s_way_and_back() {
        check(&[("1", 100)], None, None, "1");
        check(&[("1", 100)], Some("1"), Some("2"), "1, 2 0/100 shown");
        check(&[("1", 90), ("2", 10)], Some("1"), None, "1, 2 10/100");
        check(&[("1", 10), ("2", 90)], Some("1"), Some("2"), "1, 2 90/100 shown");
        check(&[("2", 90), ("1", 10)], Some("1"), None, "1, 2 90/100");
        check(&[("2", 100)], Some("1"), None, "2");
        check(&[("1", 100)], Some("1"), None, "1");
        // What the Service leads to is unknown, or has no users any more.
        check(&[("1", 1), ("2", 2)], None, None, "2, 1 1/3");
        check(&[("1", 2), ("2", 2)], Some("3"), None, "1, 2 2/4");
        check(&[], Some("1"), None, "nobody");
        check(&[], None, Some("2"), "nobody, 2 0/100 shown");
        check(&[("1", 100)], Some("1"), Some("1"), "1");
    }

    #[test]
    fn what_one_canary_cannot_do() {
        check(&[("1", 1), ("2", 1), ("3", 1)], None, None, "refused");
        check(&[("1", 1), ("2", 1)], None, Some("3"), "refused");
    }
}
