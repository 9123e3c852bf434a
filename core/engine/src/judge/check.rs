//! Functional tests: HTTP, TCP and commands, against every instance they are asked of.

use slipway_manifest::{BodyMatch, Check, HttpProbe, Port, Probe};
use slipway_model::Digest;
use slipway_plugin::Instance;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use super::{
    Outcome, Verdict,
    reach::{Reach, shown, through},
};
use crate::program::{self, Kept, NoEnd, excerpt};

/// Asks every instance; the first that fails, after its retries, decides.
pub(crate) async fn check(
    reach: &Reach<'_>,
    check: &Check,
    revision: Digest,
    instances: &[Instance],
) -> Verdict {
    let verdict = |outcome, detail: String| Verdict::new(&check.name, revision, outcome, detail);
    if instances.is_empty() {
        return verdict(Outcome::Inconclusive, "there is no instance to ask".to_owned());
    }
    let mut last = String::new();
    for instance in instances {
        match attempts(reach, check, instance).await {
            Ok(detail) => last = detail,
            Err((outcome, detail)) => return verdict(outcome, format!("{}: {detail}", instance.name)),
        }
    }
    verdict(Outcome::Pass, last)
}

async fn attempts(
    reach: &Reach<'_>,
    check: &Check,
    instance: &Instance,
) -> Result<String, (Outcome, String)> {
    let mut attempt = 0;
    loop {
        match once(reach, check, instance).await {
            Err(_) if attempt < check.retries => {
                attempt += 1;
                tokio::time::sleep(check.interval.std()).await;
            }
            result => return result,
        }
    }
}

async fn once(reach: &Reach<'_>, check: &Check, instance: &Instance) -> Result<String, (Outcome, String)> {
    let fail = |detail: String| (Outcome::Fail, detail);
    let error = |detail: String| (Outcome::Error, detail);
    match &check.probe {
        Probe::Http(probe) => {
            let address = address(instance, &probe.port).map_err(error)?;
            self::probe(reach, check, probe, &address).await.map_err(fail)
        }
        Probe::Tcp { port } => {
            let address = address(instance, port).map_err(error)?;
            if through(&address).is_some() {
                return Err(error(format!("{address} is reached by HTTP alone")));
            }
            match timeout(check.timeout.std(), TcpStream::connect(&address)).await {
                Ok(Ok(_)) => Ok(format!("{address} accepts connections")),
                Ok(Err(error)) => Err(fail(format!("{address}: {error}"))),
                Err(_) => Err(fail(format!("{address}: no connection within {}", check.timeout))),
            }
        }
        Probe::Command { run, .. } => command(reach, check, run, instance).await,
        // Asked for all instances at once, and recorded as what it is.
        Probe::Plugin(asked) => Err(error(format!("plugin {} is not asked here", asked.plugin))),
    }
}

/// Where a port of an instance is reached.
pub(crate) fn address(instance: &Instance, port: &Port) -> Result<String, String> {
    let missing = || {
        let known: Vec<_> = instance.ports.iter().map(|port| port.name.as_str()).collect();
        format!("it has no port {port:?}; it has: {}", known.join(", "))
    };
    match port {
        Port::Named(name) => instance
            .ports
            .iter()
            .find(|port| port.name == *name)
            .map(|port| port.address.clone())
            .ok_or_else(missing),
        Port::Number(number) => {
            let any = instance.ports.first().ok_or_else(missing)?;
            if through(&any.address).is_some() {
                return Err(missing());
            }
            let host = any
                .address
                .rsplit_once(':')
                .map_or(any.address.as_str(), |(host, _)| host);
            Ok(format!("{host}:{number}"))
        }
    }
}

async fn probe(reach: &Reach<'_>, check: &Check, probe: &HttpProbe, address: &str) -> Result<String, String> {
    let url = shown(address, &probe.path);
    let headers = probe.headers.iter();
    let headers = headers
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let asked = (probe.method.as_str(), probe.path.as_str());
    let began = Instant::now();
    let answer = reach.ask(address, asked, headers, check.timeout.std()).await?;
    let took = began.elapsed();
    if !probe.status.contains(&answer.status) {
        let wanted: Vec<_> = probe.status.iter().map(u16::to_string).collect();
        return Err(format!(
            "{url} answers {}, expected {}",
            answer.status,
            wanted.join(" or ")
        ));
    }
    if let Some(most) = probe.max_latency
        && took > most.std()
    {
        return Err(format!(
            "{url} takes {} ms, at most {most} is allowed",
            took.as_millis()
        ));
    }
    let text = String::from_utf8_lossy(&answer.body);
    let good = match &probe.body {
        None => true,
        Some(BodyMatch::Contains(part)) => text.contains(part.as_str()),
        Some(BodyMatch::Regex(pattern)) => pattern.is_match(&text),
    };
    if !good {
        return Err(format!("{url}: the body is not as expected: {}", excerpt(&text)));
    }
    if probe.json.is_empty() {
        return Ok(format!("{url} answers {}", answer.status));
    }
    let document: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|error| format!("{url}: the body is no JSON: {error}"))?;
    for expected in &probe.json {
        let found = document.pointer(&expected.pointer);
        if found != Some(&expected.equals) {
            let found = found.map_or("missing".to_owned(), ToString::to_string);
            return Err(format!(
                "{url}: `{}` is {found}, expected {}",
                expected.pointer, expected.equals
            ));
        }
    }
    Ok(format!("{url} answers {}", answer.status))
}

async fn command(
    reach: &Reach<'_>,
    check: &Check,
    run: &[String],
    instance: &Instance,
) -> Result<String, (Outcome, String)> {
    let mut variables = vec![("SLIPWAY_INSTANCE".to_owned(), instance.name.to_string())];
    for port in &instance.ports {
        let name = format!("SLIPWAY_ADDRESS_{}", variable(&port.name));
        variables.push((name, port.address.clone()));
    }
    let ended = program::run(
        &reach.folder,
        run,
        variables,
        (check.timeout, Kept::First),
        &reach.mask,
    )
    .await;
    let ended = ended.map_err(|no_end| match no_end {
        NoEnd::TooLate(why) => (Outcome::Fail, why),
        NoEnd::Broken(why) => (Outcome::Error, why),
    })?;
    match ended.failure() {
        None => Ok(format!("`{}` succeeded", ended.program)),
        Some(failure) => Err((Outcome::Fail, failure)),
    }
}

/// A port's name as a part of a variable's.
pub(super) fn variable(port: &str) -> String {
    port.to_uppercase().replace('-', "_")
}
