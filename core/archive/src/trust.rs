//! What somebody knows of an archive from elsewhere, and holds it against whenever it is read.

use crate::{EntryId, PublicKey, format::Index};

/// Without any of it an archive shows that it is consistent, and not that it is the one that was written.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Public keys: where there are any, every entry is signed by one of them.
    pub signers: Vec<PublicKey>,
    /// What was the head once: it must be in the chain.
    pub head: Option<EntryId>,
    /// It may be an excerpt. One says nothing of the entries that it leaves out, and anybody can make one.
    pub excerpt: bool,
}

/// With the entry that it is about.
pub(crate) type Distrust = (Option<EntryId>, String);

impl Trust {
    pub(crate) fn problems(&self, index: &Index) -> Vec<Distrust> {
        let mut problems: Vec<Distrust> = Vec::new();
        if index.is_excerpt() && !self.excerpt {
            let reason = "it says that it is an excerpt, so that entries may have been left out; `--excerpt` takes it as one";
            problems.push((None, reason.to_owned()));
        }
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
