//! From a spec to what is executed: folders resolved and kept inside the agent's, placeholders filled in. Everything
//! that can be wrong with a spec is found here, before it is accepted.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use slipway_model::InstanceName;

use crate::{
    api::{Health, InstanceSpec},
    error::{AgentError, Doing, Result},
    expand::expand,
    launch::{self, Orders},
    layout::Layout,
    process,
};

const SMALLEST_LOG: u64 = 64 << 10;

pub(super) fn prepare(
    layout: &Layout,
    name: &InstanceName,
    spec: &InstanceSpec,
    ports: &BTreeMap<String, u16>,
) -> Result<Orders> {
    check(spec)?;
    let app = inside(layout, "folders.app", &spec.folders.app)?;
    let config = spec
        .folders
        .config
        .as_ref()
        .map(|config| inside(layout, "folders.config", config))
        .transpose()?;
    let user = spec.user.as_deref().map(launch::user).transpose()?;
    let data = spec
        .folders
        .data
        .as_ref()
        .map(|data| made_inside(layout, data))
        .transpose()?;
    if let (Some(user), Some(data)) = (user, &data) {
        // What it keeps there it has to write itself.
        std::os::unix::fs::chown(data, Some(user.uid), Some(user.gid)).doing("give to the user", data)?;
    }
    let workdir = match &spec.workdir {
        Some(workdir) => inside(layout, "workdir", workdir)?,
        None => data.clone().unwrap_or_else(|| app.clone()),
    };
    let mut values = BTreeMap::from([
        ("app".to_owned(), text(&app)),
        ("instance".to_owned(), name.to_string()),
        ("revision".to_owned(), spec.revision.to_string()),
    ]);
    values.extend(config.map(|config| ("config".to_owned(), text(&config))));
    values.extend(data.map(|data| ("data".to_owned(), text(&data))));
    values.extend(
        ports
            .iter()
            .map(|(port, number)| (format!("port.{port}"), number.to_string())),
    );
    values.extend(
        spec.values
            .iter()
            .map(|(name, value)| (format!("value.{name}"), value.clone())),
    );
    let fill = |place: &str, value: &str| {
        expand(value, &values).map_err(|unknown| {
            let known: Vec<&str> = values.keys().map(String::as_str).collect();
            AgentError::Invalid(format!(
                "`{place}`: nobody knows the placeholder `{unknown}`; known are {}",
                known.join(", ")
            ))
        })
    };
    let mut command = Vec::new();
    for (at, word) in spec.command.iter().enumerate() {
        command.push(fill(&format!("command[{at}]"), word)?);
    }
    let mut env = base(name, spec, ports, &workdir);
    for (key, value) in &spec.env {
        env.insert(key.clone(), fill(&format!("env.{key}"), value)?);
    }
    let program = launch::resolve(&command.remove(0), &app);
    Ok(Orders {
        program,
        arguments: command,
        env,
        workdir,
        user,
        end: None,
    })
}

fn check(spec: &InstanceSpec) -> Result<()> {
    let refuse = |why: String| Err(AgentError::Invalid(why));
    if spec.command.first().is_none_or(String::is_empty) {
        return refuse("`command` needs a program".to_owned());
    }
    if let Some(at) = spec.command.iter().position(|word| word.contains('\0')) {
        return refuse(format!("`command[{at}]` holds a zero byte"));
    }
    let odd = |(key, value): &(&String, &String)| {
        key.is_empty() || key.contains(['=', '\0']) || value.contains('\0')
    };
    if let Some((key, _)) = spec.env.iter().find(odd) {
        return refuse(format!(
            "`env`: the name `{}` or its value cannot be in an environment",
            key.escape_debug()
        ));
    }
    if let Some((name, _)) = spec.values.iter().find(|(_, value)| value.contains('\0')) {
        return refuse(format!(
            "`values`: the value of `{}` holds a zero byte",
            name.escape_debug()
        ));
    }
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if let Some(name) = spec.ports.keys().find(|name| !plain(name)) {
        return refuse(format!(
            "`ports`: `{name}` is not made of lower-case letters, digits and hyphens"
        ));
    }
    if let Some((name, _)) = spec.ports.iter().find(|(_, port)| port.number == Some(0)) {
        return refuse(format!("`ports.{name}.number`: leave it out to get a free port"));
    }
    if spec.log.max_size < SMALLEST_LOG {
        return refuse(format!("`log.max-size`: at least {SMALLEST_LOG}"));
    }
    if process::signal_by_name(&spec.stop.signal).is_none() {
        return refuse(format!(
            "`stop.signal`: `{}` is none of TERM, INT, QUIT, HUP, USR1, USR2, KILL",
            spec.stop.signal
        ));
    }
    if spec.user.is_some() && !rustix::process::geteuid().is_root() {
        return refuse(
            "`user` needs an agent that runs as root; leave it out or start the agent as root".to_owned(),
        );
    }
    spec.health
        .as_ref()
        .map_or(Ok(()), |health| check_health(spec, health))
}

fn check_health(spec: &InstanceSpec, health: &Health) -> Result<()> {
    let refuse = |why: String| Err(AgentError::Invalid(why));
    if !spec.ports.contains_key(&health.port) {
        return refuse(format!("`health.port`: `ports` has no `{}`", health.port));
    }
    match (&health.http, health.tcp) {
        (Some(path), None) if path.starts_with('/') && path.parse::<http::Uri>().is_ok() => {}
        (Some(path), None) => {
            return refuse(format!(
                "`health.http`: `{path}` is not a path that begins with `/`"
            ));
        }
        (None, Some(true)) => {}
        _ => return refuse("`health` needs either `http = PATH` or `tcp = true`".to_owned()),
    }
    if health.interval.as_millis() == 0 || health.timeout.as_millis() == 0 {
        return refuse("`health`: `interval` and `timeout` are longer than 0".to_owned());
    }
    Ok(())
}

fn base(
    name: &InstanceName,
    spec: &InstanceSpec,
    ports: &BTreeMap<String, u16>,
    workdir: &Path,
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = [
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        ),
        ("LANG", "C.UTF-8".to_owned()),
        ("HOME", text(workdir)),
        ("SLIPWAY_SERVICE", spec.service.to_string()),
        ("SLIPWAY_ENVIRONMENT", spec.environment.to_string()),
        ("SLIPWAY_REVISION", spec.revision.to_string()),
        ("SLIPWAY_INSTANCE", name.to_string()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let main = ports
        .get("http")
        .or_else(|| ports.values().next().filter(|_| ports.len() == 1));
    env.extend(main.map(|number| ("PORT".to_owned(), number.to_string())));
    env.extend(ports.iter().map(|(port, number)| {
        (
            format!("PORT_{}", port.to_ascii_uppercase().replace('-', "_")),
            number.to_string(),
        )
    }));
    env
}

fn inside(layout: &Layout, field: &str, folder: &str) -> Result<PathBuf> {
    let real = within(layout, field, folder)?;
    let own = [
        layout.instances(),
        layout.routes(),
        layout.guards(),
        layout.tasks(),
        layout.dir.join("logs"),
        layout.dir.join("access"),
    ];
    if real == layout.dir || own.iter().any(|own| real.starts_with(own)) {
        return Err(AgentError::Invalid(format!(
            "`{field}`: {folder} is the agent's own; use another folder"
        )));
    }
    Ok(real)
}

fn within(layout: &Layout, field: &str, folder: &str) -> Result<PathBuf> {
    let refuse = |why: &str| AgentError::Invalid(format!("`{field}`: {folder} {why}"));
    let path = layout.dir.join(folder);
    let real = path
        .canonicalize()
        .map_err(|error| refuse(&format!("cannot be used: {error}")))?;
    if !real.starts_with(&layout.dir) {
        return Err(refuse(&format!(
            "is outside of the agent's folder {}",
            layout.dir.display()
        )));
    }
    if !real.is_dir() {
        return Err(refuse("is not a folder"));
    }
    Ok(real)
}

/// Only below a parent that is inside, so that nothing is made elsewhere.
fn made_inside(layout: &Layout, folder: &str) -> Result<PathBuf> {
    let path = layout.dir.join(folder);
    let plain = |part: std::path::Component<'_>| !matches!(part, std::path::Component::ParentDir);
    if !path.components().all(plain) {
        return Err(AgentError::Invalid(format!(
            "`folders.data`: {folder} holds `..`"
        )));
    }
    let there = path
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(&layout.dir);
    within(layout, "folders.data", &text(there))?;
    std::fs::create_dir_all(&path).doing("make the folder", &path)?;
    inside(layout, "folders.data", folder)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
