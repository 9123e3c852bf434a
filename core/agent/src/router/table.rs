//! What a route document means: revisions with their weights and instances, and which instance is next.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use slipway_model::{Digest, InstanceName};

use super::{flow::Flow, metrics::Meter, upload::Client};
use crate::{
    api::RouteSpec,
    error::{AgentError, Result},
};

const HEAVIEST: u32 = 1_000_000;

pub(super) struct Table {
    pub(super) spec: RouteSpec,
    pub(super) shares: Vec<Share>,
    pub(super) client: Client,
}

pub(super) struct Share {
    pub(super) revision: Digest,
    /// As it stands in headers, labels and cookies.
    pub(super) text: Arc<str>,
    pub(super) weight: u32,
    pub(super) flows: Vec<Arc<Flow>>,
    pub(super) meter: Arc<Meter>,
    turn: AtomicUsize,
}

pub(super) fn check(spec: &RouteSpec) -> Result<()> {
    let refuse = |why: String| Err(AgentError::Invalid(why));
    for (at, backend) in spec.backends.iter().enumerate() {
        let revision = backend.revision;
        if spec.backends[..at].iter().any(|other| other.revision == revision) {
            return refuse(format!("`backends`: {revision} is there twice"));
        }
        if backend.weight > HEAVIEST {
            return refuse(format!("`backends[{at}].weight`: at most {HEAVIEST}"));
        }
        if let Some(baseline) = &backend.baseline {
            let place = format!("`backends[{at}].baseline");
            if baseline.weight > backend.weight {
                return refuse(format!("{place}.weight`: more than its backend has"));
            }
            let known = |name: &InstanceName| backend.instances.iter().any(|instance| instance.name == *name);
            if let Some(unknown) = baseline.instances.iter().find(|name| !known(name)) {
                return refuse(format!("{place}.instances`: {unknown} is none of its backend"));
            }
            if baseline.instances.len() >= backend.instances.len() {
                return refuse(format!("{place}.instances`: nothing is left beside them"));
            }
        }
    }
    if let Some(preview) = &spec.preview {
        if !spec
            .backends
            .iter()
            .any(|backend| backend.revision == preview.revision)
        {
            return refuse(format!(
                "`preview.revision`: {} is none of the backends",
                preview.revision
            ));
        }
        if preview.listen == spec.listen && spec.listen.port() != 0 {
            return refuse("`preview.listen`: is the users' own address; choose another".to_owned());
        }
    }
    let token = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if let Some(sticky) = spec.sticky.as_ref().filter(|sticky| !token(&sticky.cookie)) {
        return refuse(format!(
            "`sticky.cookie`: `{}` is not made of letters, digits, `-`, `_`, `.`",
            sticky.cookie
        ));
    }
    Ok(())
}

impl Table {
    /// Where the preview goes, whatever its weight.
    pub(super) fn preview(&self) -> Option<usize> {
        let wanted = self.spec.preview.as_ref()?.revision;
        self.shares.iter().position(|share| share.revision == wanted)
    }

    /// An instance of that share or else, unless it has to be that one, of any other with weight; those that rest
    /// only if there is no other.
    pub(super) fn pick(
        &self,
        share: usize,
        others: bool,
        now: u64,
        tried: &[Arc<Flow>],
    ) -> Option<(&Share, Arc<Flow>)> {
        let order = || {
            let rest = self.shares.iter().enumerate();
            let rest = rest.filter(move |(at, other)| others && *at != share && other.weight > 0);
            self.shares
                .get(share)
                .into_iter()
                .chain(rest.map(|(_, share)| share))
        };
        let awake = order().find_map(|share| {
            share
                .least_busy(tried, |flow| !flow.rests(now))
                .map(|flow| (share, flow))
        });
        awake
            .or_else(|| order().find_map(|share| share.least_busy(tried, |_| true).map(|flow| (share, flow))))
    }
}

impl Share {
    pub(super) fn new(revision: Digest, weight: u32, flows: Vec<Arc<Flow>>, meter: Arc<Meter>) -> Self {
        let text = revision.to_string().into();
        Self {
            revision,
            text,
            weight,
            flows,
            meter,
            turn: AtomicUsize::new(0),
        }
    }

    /// Among equally busy ones in turn.
    fn least_busy(&self, tried: &[Arc<Flow>], fits: impl Fn(&Flow) -> bool) -> Option<Arc<Flow>> {
        let begin = self.turn.fetch_add(1, Ordering::Relaxed);
        (0..self.flows.len())
            .map(|at| &self.flows[begin.wrapping_add(at) % self.flows.len()])
            .filter(|flow| fits(flow) && !tried.iter().any(|tried| Arc::ptr_eq(tried, flow)))
            .min_by_key(|flow| flow.in_flight.load(Ordering::Relaxed))
            .cloned()
    }
}
