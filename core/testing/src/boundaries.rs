//! Boundaries of a run: what it was about to write, or had just written. They are named so that the same place has the
//! same name in every run, which is what makes it possible to say where processes have died, and where none has yet.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    io::Write as _,
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// From so many letters on it is a digest, or the beginning of one.
const DIGEST: usize = 8;
/// How often they are asked for differs from run to run: whatever is waited for is looked at until it is so.
const WAITS: [&str; 2] = ["healthy", "drained"];

/// Digests differ from run to run. Here they are numbered in the order in which they are met.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, usize>);

/// Where processes have died, and where the next one does: known by a folder, for one process after the other.
#[derive(Debug, Clone)]
pub struct Unmet {
    least: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    folder: PathBuf,
    met: BTreeSet<String>,
    names: Names,
    /// Of this process, whichever ledger it was for.
    writes: u64,
}

/// On which side of a write a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

impl Names {
    /// The same for the same write of every run.
    pub fn of(&mut self, write: &str) -> String {
        let mut name = String::new();
        let mut rest = write;
        while let Some(first) = rest.chars().next() {
            let same = |one: char| one.is_ascii_alphanumeric() == first.is_ascii_alphanumeric();
            let end = rest.find(|one| !same(one)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if is_digest(word) {
                let next = self.0.len() + 1;
                let number = self.0.entry(word.to_owned()).or_insert(next);
                name.push_str(&format!("<{number}>"));
            } else {
                name.push_str(word);
            }
            rest = after;
        }
        without_looks(&name)
    }

    fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("names")).unwrap_or_default();
        Self((text.lines().map(str::to_owned)).zip(1..).collect())
    }

    fn keep(&self, folder: &Path) {
        let mut names: Vec<_> = self.0.iter().map(|(name, number)| (number, name)).collect();
        names.sort_unstable();
        let names: String = names.into_iter().map(|(_, name)| format!("{name}\n")).collect();
        fs::write(folder.join("names"), names).expect("the names can be written");
    }
}

impl Unmet {
    /// Written `N:FOLDER`: this process lives for N writes at least.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (least, folder) = text.split_once(':')?;
        let folder = PathBuf::from(folder);
        let state = State {
            met: met(&folder).into_iter().collect(),
            names: Names::read(&folder),
            folder,
            writes: 0,
        };
        Some(Self {
            least: least.parse().ok()?,
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// On which side of this write the process has to die, if it has to. That it did is known from here on.
    pub(crate) fn dies(&self, write: &str) -> Option<Side> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.writes += 1;
        let name = state.names.of(write);
        // Every process that goes on with a run begins with this one, and none would ever die there.
        let first = name.ends_with(" reopened");
        if state.writes < self.least && !first {
            return None;
        }
        let (side, boundary) = [(Side::Before, "before"), (Side::After, "after")]
            .map(|(side, word)| (side, format!("{word} {name}")))
            .into_iter()
            .find(|(_, boundary)| !state.met.contains(boundary))?;
        state.names.keep(&state.folder);
        let list = File::options()
            .create(true)
            .append(true)
            .open(state.folder.join("met"));
        list.and_then(|mut list| list.write_all(format!("{boundary}\n").as_bytes()))
            .expect("the list can be written");
        // Whoever writes at the same time does not come past here any more.
        mem::forget(state);
        Some(side)
    }
}

/// Where processes have died, as a folder knows it, in that order.
pub fn met(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("met")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// From here on it is another run, whose digests are others.
pub fn another_run(folder: &Path) {
    let names = folder.join("names");
    if names.exists() {
        fs::remove_file(names).expect("the names can be removed");
    }
}

fn is_digest(word: &str) -> bool {
    let hex = |one: u8| matches!(one, b'0'..=b'9' | b'a'..=b'f');
    word.len() >= DIGEST && word.bytes().all(hex)
}

/// `deploy/1/healthy/NAME/17#2` is `deploy/1/healthy/NAME/*#2`.
fn without_looks(name: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    let waits = parts
        .len()
        .checked_sub(3)
        .is_some_and(|at| WAITS.contains(&parts[at]));
    let last = parts.pop().unwrap_or_default();
    let after = last.trim_start_matches(|one: char| one.is_ascii_digit());
    if waits && after.len() < last.len() {
        format!("{}/*{after}", parts.join("/"))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_one_name_in_every_run() {
        let [mut one, mut two] = [(); 2].map(|()| Names::default());
        let names = |names: &mut Names, new: &str, old: &str| {
            [
                format!("intent read deploy/1/healthy/web-test-{new}-1/17#2"),
                format!("outcome cutover/4/drained/web-test-{old}-1/3~2"),
                format!("outcome cutover/5/stop/web-test-{new}-1#12"),
            ]
            .map(|write| names.of(&write))
        };
        let expected = [
            "intent read deploy/1/healthy/web-test-<1>-1/*#2",
            "outcome cutover/4/drained/web-test-<2>-1/*~2",
            "outcome cutover/5/stop/web-test-<1>-1#12",
        ];
        assert_eq!(names(&mut one, "0123abcd", "deadbeef"), expected);
        assert_eq!(names(&mut two, "deadbeef", "0000000011111111"), expected);
        for same in [
            "outcome deploy/1/check/alive",
            "event note",
            "outcome deploy/1/healthy/deployed",
        ] {
            assert_eq!(one.of(same), same);
        }
    }

    #[test]
    fn each_process_dies_where_none_has() {
        let folder = std::env::temp_dir().join(format!("slipway-boundaries-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let dies = |least: u64, digest: &str| {
            let unmet = Unmet::parse(&format!("{least}:{}", folder.display())).unwrap();
            let writes = [
                "reopened".to_owned(),
                format!("outcome a/{digest}"),
                "ended".to_owned(),
            ];
            writes
                .iter()
                .find_map(|write| unmet.dies(&format!("web {write}")))
        };
        for digest in ["0123abcd", "deadbeef"] {
            another_run(&folder);
            while dies(2, digest).is_some() {}
        }
        let expected = ["reopened", "outcome a/<1>", "ended"]
            .map(|write| [format!("before web {write}"), format!("after web {write}")]);
        assert_eq!(met(&folder), expected.concat());
        assert_eq!(dies(1, "cafecafe"), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
