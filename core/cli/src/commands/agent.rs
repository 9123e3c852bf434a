//! `slipway agent`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use slipway_agent::{
    Client, Role,
    api::{AgentInfo, InstanceList, RouteList},
};
use slipway_report::table;

use super::{Done, runtime};
use crate::{error::CommandError, operator::OperatorFile, ui::Ui};

/// Be the process that keeps instances and the embedded router running; started by itself when it is needed
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Agent {
    /// Where it keeps everything; without it, as the operator's file says
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Which of its processes to be
    #[arg(long, hide = true, default_value = "keeper")]
    role: Role,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say whether it runs, and what it keeps
    Status {
        #[command(flatten)]
        place: Place,
    },
    /// Stop it, with all instances and routes
    Stop {
        #[command(flatten)]
        place: Place,
        /// Let the instances run on, for the next agent to adopt
        #[arg(long)]
        keep_instances: bool,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Where it keeps everything; without it, as the operator's file says
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Agent {
    pub(crate) fn run(self, ui: Ui) -> Done {
        match self.what {
            // Sets up its own runtime. It names its folder to the processes that it starts; they need nothing else.
            None => Ok(slipway_agent::run(&self.dir.map_or_else(usual, Ok)?, self.role)?),
            Some(What::Stop {
                place,
                keep_instances,
            }) => runtime()?.block_on(stop(ui, place, keep_instances)),
            Some(What::Status { place }) => runtime()?.block_on(status(ui, place)),
        }
    }
}

fn usual() -> Result<PathBuf, CommandError> {
    Ok(OperatorFile::read()?.agent_dir())
}

/// Without starting one.
async fn find(place: Place) -> Result<(Client, Option<AgentInfo>), CommandError> {
    let dir = place.dir.map_or_else(usual, Ok)?;
    // An agent that never ran has no folder, and asking makes none.
    if !dir.is_dir() {
        return Err(CommandError::failed(format!(
            "no agent ever ran in {}",
            dir.display()
        )));
    }
    let client = Client::new(&dir)?;
    let info = client.find().await?;
    Ok((client, info))
}

async fn status(ui: Ui, place: Place) -> Done {
    let (client, info) = find(place).await?;
    let dir = client.dir().display().to_string();
    let Some(info) = info else {
        ui.answer(&json!({ "running": false, "dir": dir }), || {
            format!("no agent runs in {dir}")
        });
        return Ok(());
    };
    let InstanceList { instances } = client.get("/v1/instances").await?;
    let RouteList { routes } = client.get("/v1/routes").await?;
    let answer = json!({ "running": true, "agent": info, "instances": instances, "routes": routes });
    ui.answer(&answer, || {
        let mut text = format!("agent {} runs in {dir} (process {})\n", info.version, info.pid);
        let rows: Vec<_> = instances
            .iter()
            .map(|instance| {
                let state = serde_json::to_value(instance.state).unwrap_or_default();
                let pid = instance.pid.map_or("-".to_owned(), |pid| pid.to_string());
                vec![
                    instance.name.to_string(),
                    state.as_str().unwrap_or_default().to_owned(),
                    pid,
                    instance.detail.clone(),
                ]
            })
            .collect();
        text.push_str(&table(&["INSTANCE", "STATE", "PROCESS", "DETAIL"], &rows));
        for route in &routes {
            text.push_str(&format!("route {} at {}\n", route.name, route.address));
        }
        text
    });
    Ok(())
}

async fn stop(ui: Ui, place: Place, keep_instances: bool) -> Done {
    let (client, info) = find(place).await?;
    let dir = client.dir().display().to_string();
    if info.is_some() {
        client.shutdown(keep_instances).await?;
    }
    let was = info.is_some();
    ui.answer(&json!({ "stopped": was, "dir": dir }), || {
        match (was, keep_instances) {
            (false, _) => format!("no agent runs in {dir}"),
            (true, false) => "the agent, its instances and its routes are stopped".to_owned(),
            (true, true) => "the agent is stopped; its instances run on".to_owned(),
        }
    });
    Ok(())
}
