//! One thing that is wrong, and the order in which they are told.

/// From what explains most to what explains least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Image,
    Configuration,
    Crash,
    Unschedulable,
    Refused,
    Volume,
    Probe,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) rank: Rank,
    /// The cause, without where it is.
    pub(crate) words: String,
    pub(crate) pod: String,
    /// It does not get better by waiting.
    pub(crate) hopeless: bool,
    /// Whose last lines explain it.
    pub(crate) log: Option<Log>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) namespace: String,
    pub(crate) pod: String,
    pub(crate) container: String,
    /// Of the container before the one that is there now.
    pub(crate) previous: bool,
}

impl Finding {
    pub(crate) fn rank(&self) -> Rank {
        self.rank
    }
}

/// Each cause once, the gravest first, with where it is.
pub(crate) fn causes(findings: &[Finding]) -> Vec<String> {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.rank);
    let mut causes: Vec<(&Finding, usize)> = Vec::new();
    for finding in sorted {
        match causes.iter_mut().find(|(known, _)| known.words == finding.words) {
            Some((_, count)) => *count += 1,
            None => causes.push((finding, 1)),
        }
    }
    let words = |(finding, count): (&Finding, usize)| match count {
        1 if finding.pod.is_empty() => finding.words.clone(),
        1 => format!("{} (pod {})", finding.words, finding.pod),
        _ => format!("{} ({count} pods, such as {})", finding.words, finding.pod),
    };
    causes.into_iter().map(words).collect()
}
