//! Sending users: the whole routing at once, and waiting for the last requests of what leaves.

use std::time::Duration;

use serde_json::json;
use slipway_journal::Class;
use slipway_model::{Baseline, Digest, InstanceName, RouteShare};
use slipway_plugin::{Backend, InstanceState, ObservedRoute, Routing, Share};
use tokio::time::Instant;

use super::{Executor, site::SiteRouter};
use crate::{Event, Failed, RunError};

const POLL: Duration = Duration::from_millis(100);
/// A connection that nobody ends, such as a websocket, does not hold up a roll-out for ever.
const DRAIN: Duration = Duration::from_secs(30);

impl Executor<'_> {
    pub(super) async fn route(
        &self,
        key: &str,
        shares: &[RouteShare],
        preview: Option<Digest>,
    ) -> Result<(), RunError> {
        let Some(site) = &self.site.router else {
            return Ok(());
        };
        let (router, place) = (&site.router, &site.place);
        let port: String = self
            .run
            .call(&format!("{key}/port"), json!("port"), |call| {
                router.port(self.site.router_grants(call), place.clone())
            })
            .await?;
        let observed = self.observe(&format!("{key}/instances")).await?;
        let usable = |name: &InstanceName| {
            let instance = observed.iter().find(|instance| instance.name == *name)?;
            let gone = matches!(
                instance.state,
                InstanceState::Failed | InstanceState::Stopping | InstanceState::Stopped
            );
            let port = instance.ports.iter().find(|candidate| candidate.name == port)?;
            (!gone).then(|| Backend {
                instance: name.clone(),
                address: port.address.clone(),
            })
        };
        let mut routing = Routing {
            shares: Vec::new(),
            preview,
        };
        for share in shares {
            let backends: Vec<_> = share.instances.iter().filter_map(&usable).collect();
            if backends.is_empty() && share.weight > 0 {
                // That what users are on is dead must not keep them from getting something that lives.
                if self.hears() && shares.len() > 1 && share.revision != self.plan.new.revision {
                    let text = format!("no instance of revision {} is left", share.revision.short());
                    self.run.tell(Event::Note { text }).await?;
                    continue;
                }
                let text = format!(
                    "no instance of revision {} can take users",
                    share.revision.short()
                );
                return Err(Failed::new(text)
                    .hint("`slipway status` shows the instances")
                    .into());
            }
            let baseline = share
                .baseline
                .as_ref()
                .and_then(|apart| apart_of(apart, &backends));
            routing.shares.push(Share {
                revision: share.revision,
                weight: share.weight,
                backends,
                baseline,
            });
        }
        let nobody = routing.shares.iter().all(|share| share.weight == 0);
        if nobody && routing.shares.len() < shares.len() && preview.is_none() {
            return Ok(());
        }
        let request = json!({ "route": routing });
        self.run
            .call(&format!("{key}/route"), request, |call| {
                router.route(self.site.router_grants(call), place.clone(), routing.clone())
            })
            .await?;
        self.verify(key, site, &routing).await
    }

    pub(super) async fn drain(&self, key: &str, instances: &[InstanceName]) -> Result<(), RunError> {
        let Some(site) = &self.site.router else {
            return Ok(());
        };
        for name in instances {
            let request = json!({ "drain": name });
            let key = format!("{key}/drained/{name}");
            let left: u64 = self
                .run
                .activity(&key, Class::Read, request, || async {
                    let began = Instant::now();
                    for look in 0_u32.. {
                        let left: u64 = self
                            .run
                            .call(&format!("{key}/{look}"), json!({ "drain": name }), |call| {
                                site.router.drain(
                                    self.site.router_grants(call),
                                    site.place.clone(),
                                    name.clone(),
                                )
                            })
                            .await?;
                        if left == 0 || began.elapsed() > DRAIN {
                            return Ok(left);
                        }
                        self.run.pause(POLL).await?;
                    }
                    Ok(0)
                })
                .await?;
            if left > 0 {
                let text = format!(
                    "{name} still has {left} requests after {} s; going on",
                    DRAIN.as_secs()
                );
                self.run.tell(Event::Note { text }).await?;
            }
        }
        Ok(())
    }

    /// What the router says now, which need not be what it was told.
    async fn verify(&self, key: &str, site: &SiteRouter, routing: &Routing) -> Result<(), RunError> {
        let observed: ObservedRoute = self
            .run
            .call(&format!("{key}/routed"), json!("observe"), |call| {
                site.router
                    .observe(self.site.router_grants(call), site.place.clone())
            })
            .await?;
        for share in routing.shares.iter().filter(|share| share.weight > 0) {
            let seen = observed
                .flows
                .iter()
                .any(|flow| flow.revision == share.revision && flow.weight > 0);
            if !seen {
                let text = format!(
                    "the router was told to send users to {} and does not",
                    share.revision.short()
                );
                return Err(Failed::new(text).into());
            }
        }
        Ok(())
    }
}

/// Those that are still there; none where they are all or nothing of what is there.
fn apart_of(apart: &Baseline, backends: &[Backend]) -> Option<Baseline> {
    let there = |name: &&InstanceName| backends.iter().any(|backend| backend.instance == **name);
    let instances: Vec<_> = apart.instances.iter().filter(there).cloned().collect();
    (!instances.is_empty() && instances.len() < backends.len()).then_some(Baseline {
        weight: apart.weight,
        instances,
    })
}
