//! A container by its status.

use serde_json::Value;
use slipway_kubernetes_api::{items, number, text};

use super::finding::{Finding, Log, Rank};

/// What registries say when asking again is in vain.
const IN_VAIN: [&str; 6] = [
    "not found",
    "manifest unknown",
    "unauthorized",
    "denied",
    "forbidden",
    "no such host",
];

/// `borne`: so many restarts are.
pub(super) fn examine(pod: &Value, status: &Value, borne: i64) -> Option<Finding> {
    let name = text(status, "/name");
    let waiting = text(status, "/state/waiting/reason");
    let message = one_line(text(status, "/state/waiting/message"));
    let restarts = number(status, "/restartCount").unwrap_or(0);
    match waiting {
        "InvalidImageName"
        | "ErrImageNeverPull"
        | "ErrImagePull"
        | "ImagePullBackOff"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => {
            // What is in back-off was asked for before, and refused.
            let hopeless = ["InvalidImageName", "ImagePullBackOff"].contains(&waiting)
                || IN_VAIN.iter().any(|words| message.contains(words));
            let words = format!(
                "image {} cannot be pulled: {}",
                text(status, "/image"),
                cause(&message)
            );
            Some(finding(pod, Rank::Image, words, hopeless, None))
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            let words = format!("container {name} cannot be started: {message}");
            let hopeless = restarts >= borne || waiting == "CreateContainerConfigError";
            Some(finding(pod, Rank::Configuration, words, hopeless, None))
        }
        "CrashLoopBackOff" => {
            let words = ended(pod, status, "/lastState/terminated");
            let words = format!("{words}; it is started again and again ({restarts} times so far)");
            Some(finding(
                pod,
                Rank::Crash,
                words,
                restarts >= borne,
                Some(log(pod, name, true)),
            ))
        }
        _ => {
            let code = number(status, "/state/terminated/exitCode");
            if code.is_some_and(|code| code != 0) {
                let words = ended(pod, status, "/state/terminated");
                return Some(finding(
                    pod,
                    Rank::Crash,
                    words,
                    restarts >= borne,
                    Some(log(pod, name, false)),
                ));
            }
            // It runs, and has ended badly before.
            let ready = status.get("ready") == Some(&Value::Bool(true));
            let before = number(status, "/lastState/terminated/exitCode");
            (!ready && before.is_some_and(|code| code != 0)).then(|| {
                let words = format!(
                    "{}; it has been started again",
                    ended(pod, status, "/lastState/terminated")
                );
                finding(pod, Rank::Crash, words, false, Some(log(pod, name, true)))
            })
        }
    }
}

/// How it came to its end.
fn ended(pod: &Value, status: &Value, state: &str) -> String {
    let name = text(status, "/name");
    let code = number(status, &format!("{state}/exitCode")).unwrap_or_default();
    match text(status, &format!("{state}/reason")) {
        "OOMKilled" => match memory_limit(pod, name) {
            Some(limit) => {
                format!("container {name} was ended because it took more memory than its limit of {limit}")
            }
            None => format!("container {name} was ended because the node ran out of memory"),
        },
        "StartError" | "ContainerCannotRun" => {
            let message = one_line(text(status, &format!("{state}/message")));
            format!("container {name} cannot be started: {message}")
        }
        _ => match number(status, &format!("{state}/signal")).filter(|signal| *signal != 0) {
            Some(signal) => format!("container {name} was ended by signal {signal}"),
            None => format!("container {name} ended with exit code {code}"),
        },
    }
}

fn memory_limit<'a>(pod: &'a Value, name: &str) -> Option<&'a str> {
    let mut containers = items(pod, "/spec/containers").chain(items(pod, "/spec/initContainers"));
    containers
        .find(|container| text(container, "/name") == name)?
        .pointer("/resources/limits/memory")?
        .as_str()
}

fn finding(pod: &Value, rank: Rank, words: String, hopeless: bool, log: Option<Log>) -> Finding {
    Finding {
        rank,
        words,
        pod: text(pod, "/metadata/name").to_owned(),
        hopeless,
        log,
    }
}

fn log(pod: &Value, container: &str, previous: bool) -> Log {
    Log {
        namespace: text(pod, "/metadata/namespace").to_owned(),
        pod: text(pod, "/metadata/name").to_owned(),
        container: container.to_owned(),
        previous,
    }
}

/// What a back-off says after what it is about.
fn cause(message: &str) -> &str {
    message
        .split_once("ErrImagePull: ")
        .map_or(message, |(_, cause)| cause)
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
