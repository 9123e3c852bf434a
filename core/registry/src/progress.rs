//! What a copy tells whoever watches it. Data only: the command line draws it.

use slipway_model::Digest;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A transfer begins; `offset` bytes of it were here from an earlier attempt.
    Started {
        digest: Digest,
        size: u64,
        offset: u64,
    },
    Moved {
        digest: Digest,
        bytes: u64,
    },
    /// A transfer begins again: what was moved of it does not count.
    Restarted {
        digest: Digest,
    },
    Done {
        digest: Digest,
    },
    /// Nothing had to be moved.
    AlreadyThere {
        digest: Digest,
        size: u64,
    },
}

/// Called from several tasks; must not block.
pub trait Progress: Send + Sync {
    fn event(&self, event: Event);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event) {}
}

impl<F: Fn(Event) + Send + Sync> Progress for F {
    fn event(&self, event: Event) {
        self(event);
    }
}
