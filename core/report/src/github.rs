//! Workflow commands of GitHub Actions: lines that it shows as annotations, of a run and of what people wrote.

use std::{fmt::Write as _, path::Path};

use crate::{Account, Went};

/// Where an annotation points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub file: &'a Path,
    /// From 1.
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Error,
    Warning,
    Notice,
}

/// One line, whatever is in its texts.
pub fn annotation(level: Level, title: &str, place: Option<Place<'_>>, text: &str) -> String {
    let mut line = match level {
        Level::Error => "::error ",
        Level::Warning => "::warning ",
        Level::Notice => "::notice ",
    }
    .to_owned();
    if let Some(Place {
        file,
        line: at,
        column,
    }) = place
    {
        let file = property(&file.display().to_string());
        let _ = write!(line, "file={file},line={at},col={column},");
    }
    let _ = write!(line, "title={}::{}", property(title), message(text));
    line
}

/// What has not gone well, each for itself, and how the runs have ended.
pub fn github(accounts: &[Account]) -> String {
    let mut text = String::new();
    for account in accounts {
        for case in account.cases().iter().filter(|case| !case.went.is_well()) {
            let level = match case.went {
                Went::Open => Level::Warning,
                _ => Level::Error,
            };
            let title = format!("{}: {} {}", account.title(), case.step, case.name);
            let what = format!("{}\n{}", case.went.why(), case.words);
            let _ = writeln!(text, "{}", annotation(level, &title, None, &what));
        }
        let run = &account.run;
        let level = match run.state {
            "succeeded" => Level::Notice,
            "failed" => Level::Error,
            _ => Level::Warning,
        };
        let _ = writeln!(
            text,
            "{}",
            annotation(level, &account.title(), None, &run.words())
        );
    }
    text
}

/// What stands behind the second `::`.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property ends at a comma, and all of them at a colon.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account;

    #[test]
    fn of_runs() {
        let accounts = [account::succeeded(false), account::rolled_back()];
        insta::assert_snapshot!(github(&accounts));
    }

    #[test]
    fn nothing_in_a_text_ends_it() {
        let place = Place {
            file: Path::new("a,b:c%/deploy.toml"),
            line: 7,
            column: 3,
        };
        assert_eq!(
            annotation(
                Level::Error,
                "a: b, c\n::error::no",
                Some(place),
                "100%\r\n::set-output name=x::y"
            ),
            "::error file=a%2Cb%3Ac%25/deploy.toml,line=7,col=3,title=a%3A b%2C c%0A%3A%3Aerror%3A%3Ano::100%25%0D%0A::set-output name=x::y"
        );
    }
}
