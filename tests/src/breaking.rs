//! Which call of a plugin breaks, and when: components are trapped in the midst of what they do by limits of their own.

use std::{
    fs::File,
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use slipway_host::{Limits, LimitsOf};

/// Written `trap:N:EFFECTS`, `late:N` or, to learn which calls there are, `list:FILE`.
#[derive(Debug, Clone)]
pub enum Breaking {
    /// The Nth call, when it asks for one effect more than it may have.
    Trap { at: u64, effects: u32 },
    /// The Nth call, whose time is over when it begins.
    Late(u64),
    /// None: the verb of each call becomes a line of this file.
    List(PathBuf),
}

impl Breaking {
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "trap" => {
                let (at, effects) = rest.split_once(':')?;
                let (at, effects) = (at.parse().ok()?, effects.parse().ok()?);
                Some(Self::Trap { at, effects })
            }
            "late" => rest.parse().ok().map(Self::Late),
            "list" => Some(Self::List(rest.into())),
            _ => None,
        }
    }

    /// Of every call of the process, counted.
    pub fn limits(self) -> LimitsOf {
        let calls = AtomicU64::new(0);
        let usual = Arc::new(Limits::default());
        Arc::new(move |verb| {
            // Before anything of it is called.
            if verb == "describe" {
                return usual.clone();
            }
            let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
            match &self {
                Self::Trap { at, effects } if *at == number => Arc::new(Limits {
                    effects: *effects,
                    ..Limits::default()
                }),
                Self::Late(at) if *at == number => Arc::new(Limits {
                    call: Duration::ZERO,
                    ..Limits::default()
                }),
                Self::List(file) => {
                    let list = File::options().create(true).append(true).open(file);
                    list.and_then(|mut list| writeln!(list, "{verb}"))
                        .expect("the list can be written");
                    usual.clone()
                }
                Self::Trap { .. } | Self::Late(_) => usual.clone(),
            }
        })
    }
}
