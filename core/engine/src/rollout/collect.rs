//! Retrieving what the instances and the router have logged into the run, before it ends.

use std::{fs, path::PathBuf};

use serde_json::json;
use slipway_journal::Class;
use slipway_plugin::LogChunk;

use super::Executor;
use crate::{Event, Failed, RunError};

impl Executor<'_> {
    /// Best effort by nature: what cannot be retrieved any more is noted, and changes nothing about how the run went.
    pub(crate) async fn collect(&self, key: &str) -> Result<(), RunError> {
        for (what, retrieved) in [
            ("logs of instances", self.collect_instances(key).await),
            ("logs of the router", self.collect_router(key).await),
        ] {
            match retrieved {
                Err(RunError::Failed(failed)) => {
                    let text = format!("the {what} could not be retrieved: {failed}");
                    self.run.tell(Event::Note { text }).await?;
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn collect_instances(&self, key: &str) -> Result<(), RunError> {
        let folder = self.site.workspace.run(self.run.id()).join("logs");
        let observed = self.observe(&format!("{key}/observe")).await?;
        let fleets = self.plan.old.iter().chain([&self.plan.new]);
        for name in fleets.flat_map(|fleet| &fleet.instances) {
            let there = observed.iter().any(|instance| instance.name == *name);
            match self
                .read_logs(&format!("{key}/logs/{name}"), name, String::new())
                .await
            {
                Ok((text, _)) => {
                    self.keep(key, &folder, &format!("instance-{name}.log"), text)
                        .await?
                }
                Err(RunError::Failed(failed)) if there => {
                    let text = format!("the log of {name} could not be retrieved: {failed}");
                    self.run.tell(Event::Note { text }).await?;
                }
                Err(RunError::Failed(_)) => {}
                Err(interrupted) => return Err(interrupted),
            }
        }
        Ok(())
    }

    async fn collect_router(&self, key: &str) -> Result<(), RunError> {
        let folder = self.site.workspace.run(self.run.id()).join("logs");
        if let Some(site) = &self.site.router {
            let mut text = Vec::new();
            let mut cursor = self.access_began().await?;
            for piece in 0_u32.. {
                let request = json!({ "access-log": cursor });
                let chunk: LogChunk = self
                    .run
                    .call(&format!("{key}/access/{piece}"), request, |call| {
                        site.router
                            .logs(self.site.router_grants(call), site.place.clone(), cursor.clone())
                    })
                    .await?;
                text.extend_from_slice(&chunk.content);
                cursor = chunk.next;
                if chunk.end {
                    break;
                }
            }
            self.keep(
                key,
                &folder,
                "router-access.log",
                String::from_utf8_lossy(&text).into_owned(),
            )
            .await?;
            let metrics: String = self
                .run
                .call(&format!("{key}/metrics"), json!("metrics"), |call| {
                    site.router
                        .metrics(self.site.router_grants(call), site.place.clone())
                })
                .await?;
            self.keep(key, &folder, "router-metrics.txt", metrics).await?;
        }
        Ok(())
    }

    /// Where the access log ended when the run began to change something: what was before is of other runs.
    pub(super) async fn access_began(&self) -> Result<String, RunError> {
        let Some(site) = &self.site.router else {
            return Ok(String::new());
        };
        let request = json!({ "access-log": "end" });
        let told: Result<LogChunk, RunError> = self
            .run
            .call("access/began", request, |call| {
                site.router.logs(
                    self.site.router_grants(call),
                    site.place.clone(),
                    "end".to_owned(),
                )
            })
            .await;
        match told {
            Ok(chunk) => Ok(chunk.next),
            // There is no log before there is a route.
            Err(RunError::Failed(_)) => Ok(String::new()),
            Err(interrupted) => Err(interrupted),
        }
    }

    async fn keep(&self, key: &str, folder: &PathBuf, name: &str, text: String) -> Result<(), RunError> {
        let request = json!({ "keep": name });
        self.run
            .activity(
                &format!("{key}/keep/{name}"),
                Class::Idempotent,
                request,
                || async {
                    let path = folder.join(name);
                    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
                    written.map_err(|error| {
                        Failed::new(format!("cannot write {}: {error}", path.display())).into()
                    })
                },
            )
            .await
    }
}
