//! One route: its present table, the requests under way in it, and its counters.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Method;
use slipway_model::InstanceName;
use tokio::time::Instant;

use super::{
    access::AccessLog,
    balance::Rotation,
    flow::Flow,
    metrics::{self, BASELINE, Group, Meter, Meters},
    pass::Passage,
    table::{Share, Table},
    upload::{self, Client},
};
use crate::{
    api::{Backend, InstanceFlow, RevisionFlow, RouteSpec, RouteStatus},
    error::Result,
    layout::Layout,
};

pub(super) struct Route {
    name: InstanceName,
    began: Instant,
    log: Arc<AccessLog>,
    nobody: Arc<Meter>,
    pub(super) retries: AtomicU64,
    pub(super) unreachable: AtomicU64,
    table: RwLock<Option<Table>>,
    rotation: Mutex<Rotation>,
    /// Those of the table, and those taken out that are still busy.
    flows: Mutex<Vec<Arc<Flow>>>,
    meters: Mutex<Meters>,
}

/// Which door a request came in by, and which revision it asks to stay on.
pub(super) struct Wish<'a> {
    pub(super) preview: bool,
    pub(super) cookies: &'a dyn Fn(&str) -> Option<String>,
    pub(super) tried: &'a [Arc<Flow>],
}

/// How to go on with a picked instance.
pub(super) struct Way {
    pub(super) flow: Arc<Flow>,
    pub(super) client: Client,
    pub(super) expose: bool,
    pub(super) set_cookie: Option<String>,
    pub(super) response: Duration,
    pub(super) retries: u32,
}

impl Route {
    pub(super) fn new(name: InstanceName, layout: &Layout) -> Result<Self> {
        let log = AccessLog::open(&layout.access_log(name.as_str()))?;
        Ok(Self {
            name,
            began: Instant::now(),
            log: Arc::new(log),
            nobody: Arc::default(),
            retries: AtomicU64::new(0),
            unreachable: AtomicU64::new(0),
            table: RwLock::new(None),
            rotation: Mutex::default(),
            flows: Mutex::default(),
            meters: Mutex::default(),
        })
    }

    /// When it returns, no request goes where the document does not send it: whoever picked before is counted.
    pub(super) fn replace(&self, spec: RouteSpec) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        flows.retain(|flow| flow.in_flight.load(Ordering::Relaxed) > 0 || listed(&spec, flow));
        let shares = spec
            .backends
            .iter()
            .flat_map(|backend| shares(backend, &mut flows, &mut meters))
            .collect();
        let client = match table.take() {
            Some(before) if before.spec.timeouts.connect == spec.timeouts.connect => before.client,
            _ => upload::client(spec.timeouts.connect.std()),
        };
        *self.rotation.lock().unwrap_or_else(PoisonError::into_inner) = Rotation::default();
        *table = Some(Table { spec, shares, client });
    }

    /// A request's way begins.
    pub(super) fn begin(&self, method: &Method, path: &str, preview: bool) -> Passage {
        let (log, nobody) = (Arc::clone(&self.log), Arc::clone(&self.nobody));
        Passage::begin(log, nobody, method, path, preview)
    }

    /// The next instance for a request, which is counted as under way there from now on.
    pub(super) fn pick(&self, wish: &Wish<'_>, passage: &mut Passage) -> Option<Way> {
        let table = self.read();
        let table = table.as_ref()?;
        let mut set_cookie = None;
        let at = if wish.preview {
            table.preview()?
        } else {
            let sticky = table.spec.sticky.as_ref();
            let kept = sticky
                .and_then(|sticky| (wish.cookies)(&sticky.cookie))
                .and_then(|kept| {
                    table
                        .shares
                        .iter()
                        .position(|share| share.weight > 0 && share.revision.short() == kept)
                });
            let at = match (kept, passage.share_before(&table.shares)) {
                (Some(at), _) | (None, Some(at)) => at,
                (None, None) => {
                    let weights = table
                        .shares
                        .iter()
                        .map(|share| if share.flows.is_empty() { 0 } else { share.weight });
                    self.rotation
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .next(weights)?
                }
            };
            set_cookie = sticky.filter(|_| kept != Some(at));
            at
        };
        let (share, flow) = table.pick(at, !wish.preview, self.now(), wish.tried)?;
        passage.goes_to(share, &flow);
        let set_cookie = set_cookie.map(|sticky| {
            let age = sticky
                .max_age
                .map_or_else(String::new, |age| format!("; Max-Age={}", age.as_millis() / 1000));
            format!(
                "{}={}; Path=/; HttpOnly; SameSite=Lax{age}",
                sticky.cookie,
                share.revision.short()
            )
        });
        Some(Way {
            flow,
            client: table.client.clone(),
            expose: table.spec.expose,
            set_cookie,
            response: table.spec.timeouts.response.std(),
            retries: table.spec.retries,
        })
    }

    pub(super) fn name(&self) -> &InstanceName {
        &self.name
    }

    pub(super) fn trusts_forwarded(&self) -> bool {
        self.read()
            .as_ref()
            .is_some_and(|table| table.spec.trust_forwarded)
    }

    pub(super) fn let_rest(&self, flow: &Flow) {
        self.unreachable.fetch_add(1, Ordering::Relaxed);
        flow.let_rest(self.now());
    }

    pub(super) fn status(
        &self,
        address: std::net::SocketAddr,
        preview_address: Option<std::net::SocketAddr>,
    ) -> RouteStatus {
        let table = self.read();
        let (spec, now) = (table.as_ref().map(|table| table.spec.clone()), self.now());
        let spec = spec.unwrap_or_else(|| nothing(address));
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        flows.retain(|flow| flow.in_flight.load(Ordering::Acquire) > 0 || listed(&spec, flow));
        let weights = spec
            .backends
            .iter()
            .map(|backend| (backend.revision, backend.weight));
        let gone = flows.iter().map(|flow| (flow.revision, 0));
        let mut revisions: Vec<RevisionFlow> = Vec::new();
        for (revision, weight) in weights.chain(gone) {
            if revisions.iter().any(|there| there.revision == revision) {
                continue;
            }
            let instances: Vec<InstanceFlow> = flows
                .iter()
                .filter(|flow| flow.revision == revision)
                .map(|flow| InstanceFlow {
                    name: flow.name.clone(),
                    address: flow.address,
                    in_flight: flow.in_flight.load(Ordering::Acquire),
                    draining: !listed(&spec, flow),
                    unreachable: flow.rests(now),
                })
                .collect();
            let in_flight = instances.iter().map(|instance| instance.in_flight).sum();
            revisions.push(RevisionFlow {
                revision,
                weight,
                in_flight,
                instances,
            });
        }
        RouteStatus {
            name: self.name.to_string(),
            spec,
            address,
            preview_address,
            revisions,
        }
    }

    pub(super) fn prometheus(&self) -> String {
        let meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let counters = [
            (
                "slipway_retries_total",
                "Requests sent to another instance.",
                self.retries.load(Ordering::Relaxed),
            ),
            (
                "slipway_unreachable_total",
                "Instances not reached.",
                self.unreachable.load(Ordering::Relaxed),
            ),
            (
                "slipway_access_log_lost_total",
                "Lines not written.",
                self.log.lost(),
            ),
        ];
        metrics::write(self.name.as_str(), &meters, &self.nobody, &flows, &counters)
    }

    /// Returns when no request is under way, or at that time.
    pub(super) async fn idle(&self, until: Instant) {
        let busy = || {
            let flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
            flows
                .iter()
                .any(|flow| flow.in_flight.load(Ordering::Acquire) > 0)
        };
        while busy() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The revision's own, and one of those that are held apart.
fn shares(backend: &Backend, flows: &mut Vec<Arc<Flow>>, meters: &mut Meters) -> Vec<Share> {
    let Some(baseline) = &backend.baseline else {
        return vec![share(backend, (backend.weight, None), |_| true, flows, meters)];
    };
    let apart = |name: &InstanceName| baseline.instances.contains(name);
    let rest = backend.weight.saturating_sub(baseline.weight);
    vec![
        share(backend, (rest, None), |name| !apart(name), flows, meters),
        share(backend, (baseline.weight, Some(BASELINE)), apart, flows, meters),
    ]
}

fn share(
    backend: &Backend,
    (weight, group): (u32, Option<Group>),
    of: impl Fn(&InstanceName) -> bool,
    flows: &mut Vec<Arc<Flow>>,
    meters: &mut Meters,
) -> Share {
    let revision = backend.revision;
    let mut own = Vec::new();
    for instance in backend.instances.iter().filter(|instance| of(&instance.name)) {
        let there = flows.iter().find(|flow| {
            flow.revision == revision && flow.name == instance.name && flow.address == instance.address
        });
        let flow = there.cloned().unwrap_or_else(|| {
            let flow = Arc::new(Flow::new(revision, instance.name.clone(), instance.address));
            flows.push(Arc::clone(&flow));
            flow
        });
        own.push(flow);
    }
    let meter = Arc::clone(meters.entry((revision, group)).or_default());
    Share::new(revision, weight, own, meter)
}

fn listed(spec: &RouteSpec, flow: &Flow) -> bool {
    let own = spec
        .backends
        .iter()
        .filter(|backend| backend.revision == flow.revision);
    own.flat_map(|backend| &backend.instances)
        .any(|instance| instance.name == flow.name && instance.address == flow.address)
}

fn nothing(listen: std::net::SocketAddr) -> RouteSpec {
    RouteSpec {
        listen,
        backends: Vec::new(),
        sticky: None,
        retries: 0,
        preview: None,
        expose: false,
        trust_forwarded: false,
        timeouts: crate::api::Timeouts::default(),
    }
}
