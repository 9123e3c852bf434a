//! The worker: supervisor, router and API in one process, which may be killed at any time.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::timeout,
};

use crate::{
    clock,
    error::{AgentError, Doing, Result},
    fence::Fences,
    guards::Guards,
    handover::{self, Channel, Message},
    layout::{Layout, Lock},
    listeners::Listeners,
    log, restore,
    router::Router,
    server::{self, Agent, End},
    supervisor::{Orphans, Supervisor, Tasks},
};

/// What requests get to end in when the agent is told to end.
const PATIENCE: Duration = Duration::from_secs(5);
const TRIM: Duration = Duration::from_secs(1);
const AGENT_LOG: u64 = 8 << 20;
/// How long the worker before this one may take to be gone.
const PREDECESSOR: Duration = Duration::from_secs(5);

pub(crate) async fn run(dir: &Path) -> Result<()> {
    let layout = Layout::create(dir)?;
    let _lock = timeout(PREDECESSOR, own(&layout)).await.unwrap_or_else(|_| {
        Err(AgentError::Runs {
            dir: layout.dir.clone(),
        })
    })?;
    let keeper = handover::inherited()
        .doing("read", "standard input")?
        .map(Arc::new);
    let orphans = Arc::new(Orphans::default());
    let mut held = BTreeMap::new();
    if let Some(keeper) = &keeper {
        while let Ok(Some((message, socket))) = keeper.receive().await {
            match (message, socket) {
                (Message::Hold(key), Some(socket)) => {
                    held.insert(key, socket);
                }
                (Message::Exit(exit), _) => orphans.ended(exit),
                (Message::Begin, _) => break,
                _ => {}
            }
        }
    }
    let listeners = Arc::new(Listeners::new(held, keeper.clone()));
    // Users first: their connections are waiting.
    let router = Router::resume(layout.clone(), Arc::clone(&listeners))?;
    let supervisor = Supervisor::resume(layout.clone(), Arc::clone(&orphans))?;
    let tasks = Tasks::resume(layout.clone(), Arc::clone(&orphans))?;
    let fences = Fences::load(layout.fences())?;
    let guards = Guards::resume(layout.clone())?;
    let end = watch::Sender::new(None);
    let agent = Agent {
        layout: layout.clone(),
        started: clock::now(),
        supervisor,
        tasks,
        router,
        fences,
        guards,
        end,
    };
    let agent = Arc::new(agent);
    let mut terminate = signal(SignalKind::terminate()).doing("listen for", "SIGTERM")?;
    let mut asked = agent.end.subscribe();
    let api = listeners.api(&layout)?;
    let serving = server::serve(api, Arc::clone(&agent));
    tokio::pin!(serving);
    tracing::info!(pid = std::process::id(), "the worker serves");
    let end = tokio::select! {
        served = &mut serving => return served.doing("serve the API in", &layout.dir),
        () = housekeeping(&agent, &layout) => {
            tracing::warn!("the agent's folder was deleted, and with it everything that the instances are made of");
            End::StopAll
        }
        () = restore::watch(&agent) => End::KeepInstances,
        _ = terminate.recv() => End::KeepInstances,
        end = asked.wait_for(Option::is_some) => end.ok().and_then(|end| *end).unwrap_or(End::KeepInstances),
        () = listen(keeper.as_deref(), &orphans) => {
            tracing::warn!("the keeper has ended; taking its place");
            let error = listeners.become_the_keeper(&layout);
            return Err(error).doing("become the keeper of", &layout.dir);
        }
    };
    if end == End::KeepInstances {
        agent.router.pause(PATIENCE).await;
    } else {
        // The one who asked gets an answer, on the socket that is still served.
        let ending = async {
            agent.guards.forget_all()?;
            agent.router.delete_all(PATIENCE).await?;
            agent.tasks.delete_all().await?;
            agent.supervisor.delete_all().await
        };
        tokio::select! {
            ended = ending => ended?,
            _ = &mut serving => {}
        }
    }
    agent.end.send_replace(Some(End::Now));
    // The answer is on its way.
    let _answered = timeout(Duration::from_millis(200), &mut serving).await;
    Ok(())
}

/// Returns when the keeper has ended. Without a keeper, never.
async fn listen(keeper: Option<&Channel>, orphans: &Orphans) {
    let Some(keeper) = keeper else {
        return std::future::pending().await;
    };
    while let Ok(Some((message, _))) = keeper.receive().await {
        if let Message::Exit(exit) = message {
            orphans.ended(exit);
        }
    }
}

/// Returns when the agent's folder is gone: nobody can reach the agent any more.
async fn housekeeping(agent: &Agent, layout: &Layout) {
    while !matches!(layout.instances().try_exists(), Ok(false)) {
        tokio::time::sleep(TRIM).await;
        tokio::task::block_in_place(|| {
            agent.supervisor.trim_logs();
            agent.tasks.trim_logs();
            agent.router.trim_logs();
            if let Err(error) = log::trim(&layout.agent_log(), AGENT_LOG) {
                tracing::warn!(%error, "the agent's log keeps growing");
            }
        });
    }
}

async fn own(layout: &Layout) -> Result<Lock> {
    loop {
        if let Some(lock) = Lock::take(&layout.dir, "worker.lock")? {
            return Ok(lock);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
