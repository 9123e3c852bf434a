//! The embedded router: users come in by addresses of routes and are sent to revisions by weight. On hyper, which
//! is in the program anyway and leaves upgrades, draining and the accounting of every request in our hands; a whole
//! proxy framework would bring a second server, with its own process model.

mod access;
mod balance;
mod download;
mod flow;
mod headers;
mod listen;
mod metrics;
mod pass;
mod proxy;
mod route;
mod table;
mod upload;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use slipway_model::InstanceName;
use tokio::time::Instant;

use self::{listen::Door, route::Route};
use crate::{
    api::{RouteSpec, RouteStatus},
    error::{AgentError, Result},
    layout::Layout,
    listeners::Listeners,
    store,
};

const ACCESS_LOG_SIZE: u64 = 64 << 20;

pub(crate) struct Router {
    layout: Layout,
    listeners: Arc<Listeners>,
    routes: Mutex<BTreeMap<InstanceName, Active>>,
}

struct Active {
    route: Arc<Route>,
    users: Arc<Door>,
    preview: Option<Arc<Door>>,
}

/// A route on record. The addresses are the real ones, so that a port that was chosen stays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Record {
    version: u32,
    name: InstanceName,
    status: RouteStatus,
}

impl Router {
    pub(crate) fn resume(layout: Layout, listeners: Arc<Listeners>) -> Result<Self> {
        let records: Vec<Record> = store::read_all(&layout.routes())?;
        let router = Self {
            layout,
            listeners,
            routes: Mutex::default(),
        };
        for Record { name, status, .. } in records {
            let known = (status.address, status.preview_address);
            // The other routes, and the way to repair this one, matter more than this one.
            if let Err(error) = router.put(&name, status.spec, Some(known)) {
                tracing::error!(%error, %name, "a route cannot be resumed");
            }
        }
        Ok(router)
    }

    /// `true` if it was made, `false` if it was there.
    pub(crate) fn put(
        &self,
        name: &InstanceName,
        spec: RouteSpec,
        known: Option<(std::net::SocketAddr, Option<std::net::SocketAddr>)>,
    ) -> Result<(bool, RouteStatus)> {
        table::check(&spec)?;
        let mut routes = self.lock();
        let made = !routes.contains_key(name);
        let before = routes.get(name);
        let route = match before {
            Some(active) => Arc::clone(&active.route),
            None => {
                // Before its doors open: connections may be waiting there.
                let route = Arc::new(Route::new(name.clone(), &self.layout)?);
                route.replace(spec.clone());
                route
            }
        };
        // First what can fail. Doors that nobody keeps close again, and users stay where they are.
        let open = |kind: &str, wish, known, there: Option<&Arc<Door>>| match there
            .filter(|door| door.serves(wish))
        {
            Some(door) => Ok(Arc::clone(door)),
            None => Door::open(
                &self.listeners,
                &route,
                kind,
                wish,
                known,
                spec.timeouts.header.std(),
            )
            .map(Arc::new),
        };
        let users = open(
            "users",
            spec.listen,
            known.map(|known| known.0),
            before.map(|active| &active.users),
        )?;
        let preview = spec.preview.as_ref().map(|preview| {
            let there = before.and_then(|active| active.preview.as_ref());
            open("preview", preview.listen, known.and_then(|known| known.1), there)
        });
        let preview = preview.transpose()?;
        route.replace(spec);
        let status = route.status(users.address, preview.as_ref().map(|door| door.address));
        // The doors before that are not kept close here.
        routes.insert(
            name.clone(),
            Active {
                route,
                users,
                preview,
            },
        );
        let record = Record {
            version: 1,
            name: name.clone(),
            status: status.clone(),
        };
        tokio::task::block_in_place(|| {
            store::write(&self.layout.routes().join(format!("{name}.json")), &record)
        })?;
        Ok((made, status))
    }

    pub(crate) fn list(&self) -> Vec<RouteStatus> {
        self.lock().values().map(Active::status).collect()
    }

    pub(crate) fn specs(&self) -> Vec<(InstanceName, RouteSpec)> {
        let routes = self.lock();
        let spec = |(name, active): (&InstanceName, &Active)| (name.clone(), active.status().spec);
        routes.iter().map(spec).collect()
    }

    pub(crate) fn get(&self, name: &InstanceName) -> Result<RouteStatus> {
        self.lock()
            .get(name)
            .map(Active::status)
            .ok_or_else(|| missing(name))
    }

    pub(crate) fn metrics(&self, name: &InstanceName) -> Result<String> {
        self.lock()
            .get(name)
            .map(|active| active.route.prometheus())
            .ok_or_else(|| missing(name))
    }

    /// Closes its addresses at once and lets requests end for a while. `false` if there was none.
    pub(crate) async fn delete(&self, name: &InstanceName, patience: Duration) -> Result<bool> {
        let removed = self.lock().remove(name);
        let Some(Active { route, .. }) = removed else {
            return Ok(false);
        };
        store::remove(&self.layout.routes().join(format!("{name}.json")))?;
        route.idle(Instant::now() + patience).await;
        Ok(true)
    }

    pub(crate) async fn delete_all(&self, patience: Duration) -> Result<()> {
        let names: Vec<InstanceName> = self.lock().keys().cloned().collect();
        let all = names.iter().map(|name| self.delete(name, patience));
        futures_util::future::try_join_all(all).await.map(|_| ())
    }

    /// The worker is going to end: no new connections, and requests end for a while. Routes stay on record.
    pub(crate) async fn pause(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let routes: Vec<Active> = std::mem::take(&mut *self.lock()).into_values().collect();
        for active in &routes {
            active.users.stop();
            active.preview.iter().for_each(|door| door.stop());
        }
        for active in routes {
            active.route.idle(until).await;
        }
    }

    pub(crate) fn trim_logs(&self) {
        let names: Vec<InstanceName> = self.lock().keys().cloned().collect();
        for name in names {
            if let Err(error) = crate::log::trim(&self.layout.access_log(name.as_str()), ACCESS_LOG_SIZE) {
                tracing::warn!(%error, "an access log keeps growing");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceName, Active>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Active {
    fn status(&self) -> RouteStatus {
        self.route
            .status(self.users.address, self.preview.as_ref().map(|door| door.address))
    }
}

fn missing(name: &InstanceName) -> AgentError {
    AgentError::NotFound {
        what: "route",
        name: name.to_string(),
    }
}
