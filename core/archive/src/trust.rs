//! What somebody knows of an archive from elsewhere, and holds it against whenever it is read.

use crate::{
    EntryId, PublicKey,
    format::{Extent, Index, Position},
};

/// Without any of it an archive shows that it is consistent, and not that it is the one that was written.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Public keys: where there are any, every entry is signed by one of them.
    pub signers: Vec<PublicKey>,
    /// What was the head once: it must be in the chain.
    pub head: Option<EntryId>,
    /// It may be an excerpt, or begin after entries that are elsewhere. That says nothing of what is left out, and anybody can
    /// leave out.
    pub excerpt: bool,
}

/// With the entry that it is about.
pub(crate) type Distrust = (Option<EntryId>, String);

impl Trust {
    /// Of whoever asks for entries that are there, and not whether they are all.
    pub fn of_a_part() -> Self {
        Self {
            excerpt: true,
            ..Self::default()
        }
    }

    pub(crate) fn problems(&self, index: &Index) -> Vec<Distrust> {
        let mut problems: Vec<Distrust> = Vec::new();
        let left_out = match index.extent() {
            _ if self.excerpt => None,
            Extent::Whole => None,
            Extent::After(Position { sequence, .. }) => Some(format!(
                "it begins after entry {sequence}, which is elsewhere; `slipway archive pull` brings what comes before, \
                 `--excerpt` does without"
            )),
            Extent::Excerpt => Some(
                "it says that it is an excerpt, so that entries may have been left out; `--excerpt` takes it as one"
                    .to_owned(),
            ),
        };
        problems.extend(left_out.map(|reason| (None, reason)));
        for listed in index.entries() {
            let reason = match &listed.signature {
                _ if self.signers.is_empty() => break,
                Some(signature) if self.signers.contains(&signature.signer) => continue,
                Some(signature) => format!(
                    "it is signed with {}, which is none of those given",
                    signature.signer
                ),
                None => "nobody has signed it".to_owned(),
            };
            problems.push((Some(listed.digest), reason));
        }
        if let Some(head) = self.head
            && index.after().is_none_or(|before| before.id != head)
            && !index.manifests.iter().any(|entry| entry.digest == head)
        {
            problems.push((
                None,
                format!("{head}, which was the head once, is not in the chain"),
            ));
        }
        problems
    }
}
