//! Settings become the workload: the file that says everything about the process. Pure.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_sdk::{
    Failure, File, RenderInput, Rendered, Workload, origins,
    process::{Data, Health, LogLimit, Process, ProcessPort},
};

use crate::{
    inspect::Facts,
    placeholders::Known,
    settings::{DataSetting, Scalar, Settings},
};

pub(crate) fn render(input: RenderInput<Value, Facts>) -> Result<Rendered, Failure> {
    let file = format!("workloads/{}.json", input.artifact);
    let settings: Settings = serde_json::from_value(input.settings).map_err(|error| {
        Failure::invalid(format!("the settings of artifact `{}`: {error}", input.artifact))
    })?;
    let process = process(input.artifact, input.blob, settings, !input.config.is_empty())?;
    let exclusive = exclusive(&process);
    if let Some(why) = exclusive.as_ref().filter(|_| process.instances > 1) {
        return Err(
            Failure::invalid(format!("{} instances cannot run: {why}", process.instances))
                .hint("set `instances = 1`, or give up what only one can have"),
        );
    }
    let print = |error| Failure::failed(format!("{file} cannot be written: {error}"));
    let mut content = serde_json::to_vec_pretty(&process).map_err(print)?;
    content.push(b'\n');
    let document = serde_json::to_value(&process).map_err(print)?;
    Ok(Rendered {
        origins: origins(&file, &document, &input.written),
        workload: Some(Workload {
            kind: Process::KIND.to_owned(),
            file: file.clone(),
            instances: process.instances,
            ports: process.ports.into_keys().collect(),
            exclusive,
        }),
        files: vec![File { path: file, content }],
        notes: Vec::new(),
    })
}

fn process(artifact: String, digest: String, settings: Settings, config: bool) -> Result<Process, Failure> {
    let env: BTreeMap<_, _> = settings
        .env
        .into_iter()
        .map(|(name, value)| (name, Scalar::into_text(value)))
        .collect();
    let data = match settings.data {
        DataSetting::Flag(false) => Data::None,
        DataSetting::Flag(true) => Data::Shared,
        DataSetting::Word(_) => Data::Exclusive,
    };
    let known = Known {
        ports: settings.ports.keys().map(String::as_str).collect(),
        config,
        data: !data.is_none(),
    };
    if settings.command.first().is_none_or(String::is_empty) {
        return Err(Failure::invalid("`command` names no program"));
    }
    if settings.instances == 0 {
        return Err(Failure::invalid("`instances` must be at least 1"));
    }
    settings
        .command
        .iter()
        .try_for_each(|word| known.check("command", word))?;
    env.iter()
        .try_for_each(|(name, value)| known.check(&format!("env.{name}"), value))?;
    let log = settings.log.map(|log| {
        let bytes = log.max_size.bytes();
        let size = bytes.ok_or_else(|| Failure::invalid("`log.max-size` is not a size such as `16MiB`"))?;
        Ok(LogLimit { max_size: size })
    });
    Ok(Process {
        kind: Process::KIND.to_owned(),
        artifact,
        digest,
        strip: settings.strip,
        instances: settings.instances,
        health: settings
            .health
            .map(|health| health_of(health, &settings.ports))
            .transpose()?,
        workdir: settings
            .workdir
            .map(|workdir| workdir_of(&workdir, data))
            .transpose()?,
        command: settings.command,
        env,
        ports: settings.ports,
        data,
        user: settings.user,
        restart: settings.restart,
        stop: settings.stop,
        log: log.transpose()?,
    })
}

/// With the port that is meant when none is named.
fn health_of(mut health: Health, ports: &BTreeMap<String, ProcessPort>) -> Result<Health, Failure> {
    match (&health.http, health.tcp) {
        (Some(path), None) if path.starts_with('/') => {}
        (Some(path), None) => {
            return Err(Failure::invalid(format!(
                "`health.http` is a path and begins with `/`, not `{path}`"
            )));
        }
        (None, Some(true)) => {}
        _ => {
            return Err(Failure::invalid(
                "`health` needs either `http = \"/path\"` or `tcp = true`",
            ));
        }
    }
    let only = || {
        if ports.len() == 1 {
            ports.keys().next().cloned()
        } else {
            None
        }
    };
    let meant = || {
        ports
            .contains_key("http")
            .then(|| "http".to_owned())
            .or_else(only)
    };
    let port = health.port.take().or_else(meant);
    match port {
        Some(port) if ports.contains_key(&port) => Ok(Health {
            port: Some(port),
            ..health
        }),
        Some(port) => Err(Failure::invalid(format!(
            "`health.port`: `{port}` is not in `ports`"
        ))),
        None => Err(Failure::invalid("`health` does not say which port it probes").hint("set `health.port`")),
    }
}

/// Inside `${app}` unless it says `${data}`.
fn workdir_of(workdir: &str, data: Data) -> Result<String, Failure> {
    let (root, path) = match workdir.strip_prefix("${data}") {
        Some(_) if data.is_none() => {
            return Err(
                Failure::invalid("`workdir`: `${data}` needs a data folder").hint("set `data = true`")
            );
        }
        Some(path) => ("${data}", path),
        None => {
            match workdir.strip_prefix("${app}") {
                Some(path) => ("${app}", path),
                None if workdir.starts_with('/') => {
                    return Err(Failure::invalid(format!("`workdir`: `{workdir}` is absolute"))
                    .hint("name a folder inside the artifact, or one that begins with `${app}` or `${data}`"));
                }
                None => ("${app}/", workdir),
            }
        }
    };
    let leaves = path.split('/').any(|part| part == "..") || path.contains("${");
    let joined = path.is_empty() || root.ends_with('/') || path.starts_with('/');
    if leaves || !joined {
        return Err(Failure::invalid(format!(
            "`workdir`: `{workdir}` is not a folder inside `${{app}}` or `${{data}}`"
        )));
    }
    Ok(format!("{root}{path}"))
}

/// Why two instances cannot run at once, if they cannot.
fn exclusive(process: &Process) -> Option<String> {
    let fixed = process
        .ports
        .iter()
        .find_map(|(name, port)| port.number.map(|number| (name, number)));
    match (fixed, process.data) {
        (Some((name, number)), _) => Some(format!("port `{name}` is fixed at {number}")),
        (None, Data::Exclusive) => Some("its data folder is exclusive".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
