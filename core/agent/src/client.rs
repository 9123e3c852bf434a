//! The other side of the socket: finds the agent of a folder, or starts it, and asks it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    net::UnixStream,
    process::Child,
    time::{Instant, sleep, timeout},
};

use crate::{
    Role,
    api::{AgentInfo, Done, ErrorBody},
    error::{AgentError, Doing, Result},
    layout::{Layout, Lock, SocketPath},
    log,
};

/// Long, because a disk that is busy makes everything wait that is to be durable.
const START: Duration = Duration::from_secs(60);
/// How often it is started before its log has to say why it ends.
const STARTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(100);
const PROBE: Duration = Duration::from_secs(5);
const END: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(10);
const TAIL: usize = 20;

/// Speaks to the agent of one folder. A connection per request: they are rare, and the agent may be restarted.
#[derive(Debug, Clone)]
pub struct Client {
    dir: PathBuf,
    socket: SocketPath,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// Without asking whether there is an agent.
    pub fn new(dir: &Path) -> Result<Self> {
        let dir = std::path::absolute(dir).doing("resolve", dir)?;
        Ok(Self {
            socket: SocketPath::of(&dir)?,
            dir,
        })
    }

    /// The running agent, or one that `exe agent --dir DIR --role detached` starts. Any number may try at once. It lives on
    /// when we have ended, so it has nothing of our environment that is a secret.
    pub async fn connect_or_start(dir: &Path, exe: &Path, secret: &[&str]) -> Result<Self> {
        let layout = Layout::create(dir)?;
        let client = Self::new(&layout.dir)?;
        if client.info().await.is_ok() {
            return Ok(client);
        }
        let began = Instant::now();
        let mut turn = None;
        let mut agent: Option<Child> = None;
        let mut starts = 0;
        while began.elapsed() < START {
            // Whoever holds the lock starts it; the others wait for the socket, or for the lock.
            if turn.is_none() {
                turn = Lock::take(&layout.dir, "start.lock")?;
            }
            // One that found another one dying has ended by now: it gave way to nobody.
            let ended = match &mut agent {
                Some(agent) => !matches!(agent.try_wait(), Ok(None)),
                None => true,
            };
            if turn.is_some() && ended && client.info().await.is_err() {
                if starts == STARTS {
                    break;
                }
                sleep(PAUSE * starts).await;
                agent = Some(start(&layout, exe, secret)?);
                starts += 1;
            }
            if client.info().await.is_ok() {
                return Ok(client);
            }
            sleep(AGAIN).await;
        }
        let tail = log::last_lines(&layout.agent_log(), TAIL).join("\n");
        Err(AgentError::NotAnswering {
            dir: layout.dir,
            seconds: began.elapsed().as_secs(),
            tail,
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// For HTTP clients that want a path. Valid for as long as this client lives.
    pub fn socket(&self) -> &Path {
        self.socket.path()
    }

    pub async fn info(&self) -> Result<AgentInfo> {
        timeout(PROBE, self.get("/v1/agent"))
            .await
            .unwrap_or_else(|_| Err(self.talk("no answer")))
    }

    /// The agent that runs; none where none does. One whose worker has just died is waited for: its keeper starts another.
    pub async fn find(&self) -> Result<Option<AgentInfo>> {
        let until = Instant::now() + END;
        loop {
            match self.info().await {
                Ok(info) => return Ok(Some(info)),
                Err(_) if Lock::take(&self.dir, "keeper.lock")?.is_some() => return Ok(None),
                Err(silent) if Instant::now() > until => return Err(silent),
                Err(_) => sleep(AGAIN).await,
            }
        }
    }

    /// Returns when the agent has ended.
    pub async fn shutdown(&self, keep_instances: bool) -> Result<Done> {
        let path = format!("/v1/shutdown?keep-instances={keep_instances}");
        let done = self.answer(self.send(Method::POST, &path, &[], Bytes::new()).await?)?;
        // Until its processes have ended, so that whoever starts the next one does not find this one.
        let until = Instant::now() + END;
        while Lock::take(&self.dir, "keeper.lock")?.is_none() {
            if Instant::now() > until {
                return Err(self.talk("it has stopped everything and does not end"));
            }
            sleep(AGAIN).await;
        }
        Ok(done)
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.answer(self.send(Method::GET, path, &[], Bytes::new()).await?)
    }

    pub async fn put<T: DeserializeOwned>(&self, path: &str, document: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(document).map_err(|error| self.talk(error))?;
        self.answer(self.send(Method::PUT, path, &[], body.into()).await?)
    }

    pub async fn delete(&self, path: &str) -> Result<Done> {
        self.answer(self.send(Method::DELETE, path, &[], Bytes::new()).await?)
    }

    /// Any request, whatever its status; the whole answer in memory.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response> {
        let stream = UnixStream::connect(self.socket())
            .await
            .map_err(|error| self.talk(error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.talk(error))?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "agent");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|error| self.talk(error))?;
        // Owns the sender, so that the connection ends with it.
        let exchange = async move {
            let response = sender.send_request(request).await?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Response {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body,
            })
        };
        let (response, _ended) = tokio::join!(exchange, connection);
        response.map_err(|error: hyper::Error| self.talk(error))
    }

    fn answer<T: DeserializeOwned>(&self, response: Response) -> Result<T> {
        if (200..300).contains(&response.status) {
            return serde_json::from_slice(&response.body).map_err(|error| self.talk(error));
        }
        let said = serde_json::from_slice::<ErrorBody>(&response.body).map(|body| body.error);
        Err(self.talk(said.unwrap_or_else(|_| format!("status {}", response.status))))
    }

    fn talk(&self, reason: impl ToString) -> AgentError {
        AgentError::Talk {
            dir: self.dir.clone(),
            reason: reason.to_string(),
        }
    }
}

fn start(layout: &Layout, exe: &Path, secret: &[&str]) -> Result<Child> {
    let path = layout.agent_log();
    let output = log::append(&path)?;
    let errors = output.try_clone().doing("open the log", &path)?;
    // Not waited for: the runtime collects it should it end before this process.
    let mut command = tokio::process::Command::new(exe);
    for name in secret {
        command.env_remove(name);
    }
    command
        .args(Role::Detached.arguments(&layout.dir))
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .doing("start", exe)
}
