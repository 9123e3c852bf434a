//! Logs: of every container of an instance's pods, also of those that were started again. A line says whose it is where
//! that changes, so that the lines themselves stay as they were written.

use serde_json::Value;
use slipway_kubernetes_api::{Answer, Ask, ask, ask_all, items, number, text};
use slipway_sdk::{Failure, LogChunk, Place, http::escape};

use super::{crowd, record};
use crate::{
    logs::{Cursor, Mark, take},
    settings::Settings,
};

/// So many are asked at the same time, for so much of each; together less than the host lets through.
const AT_ONCE: usize = 8;
const PIECE: usize = 32 << 10;
const ENOUGH: usize = 192 << 10;
/// More than that within one second is passed over.
const MOST: usize = 4 << 20;

pub(super) fn logs(place: &Place<Settings>, name: &str, cursor: &str) -> Result<LogChunk, Failure> {
    let mut cursor = Cursor::read(cursor)?;
    let inventory = record::read(place)?;
    let Some(entry) = inventory.find(name) else {
        return Err(Failure::failed(format!(
            "there is no instance {name} at this place, and so no log of it"
        )));
    };
    let mut pods = crowd::pods_of(place, entry)?;
    pods.extend(crowd::jobs(place, entry)?);
    let sources: Vec<_> = pods.iter().flat_map(sources).collect();
    let several = sources.len() > 1;
    let (mut content, mut end) = (Vec::new(), true);
    for batch in sources.chunks(AT_ONCE) {
        if content.len() >= ENOUGH {
            end = false;
            break;
        }
        end &= read(batch, several, &mut cursor, &mut content)?;
    }
    Ok(LogChunk {
        content,
        next: cursor.print(),
        end,
    })
}

/// The last lines of each container of a pod, of its last start.
pub(super) fn endings(pod: &Value, lines: usize) -> Result<Vec<(String, String)>, Failure> {
    let sources: Vec<_> = sources(pod)
        .into_iter()
        .filter(|source| !source.previous)
        .collect();
    let asks = sources
        .iter()
        .map(|source| Ask::get(format!("{}&tailLines={lines}", source.path)));
    let mut endings = Vec::new();
    for (source, answer) in sources.iter().zip(ask_all(asks.collect())?) {
        // It may be gone by now, which is no failure of the pod.
        if answer.status == 200 {
            let text = answer.bytes(&format!("reading the log of {}", source.title))?;
            endings.push((source.title.clone(), String::from_utf8_lossy(&text).into_owned()));
        }
    }
    Ok(endings)
}

/// One start of one container.
struct Source {
    key: String,
    path: String,
    title: String,
    previous: bool,
}

/// Answers whether all was read.
fn read(
    batch: &[Source],
    several: bool,
    cursor: &mut Cursor,
    content: &mut Vec<u8>,
) -> Result<bool, Failure> {
    let open: Vec<_> = batch
        .iter()
        .filter(|source| !cursor.0.get(&source.key).is_some_and(|mark| mark.done))
        .collect();
    let asks = open
        .iter()
        .map(|source| source.ask(&cursor.mark(&source.key), PIECE));
    let answers = ask_all(asks.collect())?;
    let mut all = true;
    for (source, answer) in open.into_iter().zip(answers) {
        let mark = cursor.mark(&source.key);
        let Some((taken, cut)) = source.taken(answer, &mark)? else {
            continue;
        };
        if several && !taken.text.is_empty() {
            content.extend_from_slice(format!("==> {} <==\n", source.title).as_bytes());
        }
        content.extend_from_slice(&taken.text);
        let done = source.previous && !cut;
        if !taken.mark.time.is_empty() || done {
            cursor.0.insert(source.key.clone(), Mark { done, ..taken.mark });
        }
        all &= !cut;
    }
    Ok(all)
}

impl Source {
    fn ask(&self, mark: &Mark, limit: usize) -> Ask {
        let mut path = format!("{}&timestamps=true&limitBytes={limit}", self.path);
        if !mark.time.is_empty() {
            path.push_str(&format!("&sinceTime={}", escape(&mark.time)));
        }
        Ask::get(path)
    }

    /// The new lines, and whether there are more; nothing of a log that is gone or not there yet.
    fn taken(&self, mut answer: Answer, mark: &Mark) -> Result<Option<(crate::logs::Taken, bool)>, Failure> {
        let mut limit = PIECE;
        loop {
            if matches!(answer.status, 400 | 404) {
                return Ok(None);
            }
            let bytes = answer.bytes(&format!("reading the log of {}", self.title))?;
            let cut = bytes.len() >= limit;
            let taken = take(&bytes, mark, cut);
            if !taken.stuck || limit >= MOST {
                return Ok(Some((taken, cut && limit < MOST)));
            }
            limit *= 8;
            answer = ask(self.ask(mark, limit))?;
        }
    }
}

fn sources(pod: &Value) -> Vec<Source> {
    let (namespace, name) = (text(pod, "/metadata/namespace"), crowd::name(pod));
    let statuses = items(pod, "/status/initContainerStatuses").chain(items(pod, "/status/containerStatuses"));
    let mut sources = Vec::new();
    for status in statuses {
        let container = text(status, "/name");
        let restarts = number(status, "/restartCount").unwrap_or(0);
        let mut add = |number: i64, previous: bool| {
            sources.push(Source {
                key: format!("{namespace}/{name}/{container}/{number}"),
                path: format!(
                    "/api/v1/namespaces/{namespace}/pods/{name}/log?container={}&previous={previous}",
                    escape(container)
                ),
                title: format!("{name}/{container}"),
                previous,
            });
        };
        if restarts > 0 {
            add(restarts - 1, true);
        }
        let began = ["running", "terminated"]
            .iter()
            .any(|state| status.pointer(&format!("/state/{state}")).is_some());
        if began {
            add(restarts, false);
        }
    }
    sources
}
