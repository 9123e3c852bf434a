//! Probes, and what a row of them means.

use std::{net::Ipv4Addr, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::api::{Health, InstanceState};

/// Until it is healthy for the first time it is asked more often, so that nobody waits for a whole interval.
const EAGER: Duration = Duration::from_millis(100);

/// Counts probes of one process.
pub(super) struct Row<'a> {
    spec: &'a Health,
    state: InstanceState,
    good: u32,
    bad: u32,
}

impl<'a> Row<'a> {
    pub(super) fn new(spec: &'a Health, state: InstanceState) -> Self {
        Self {
            spec,
            state,
            good: 0,
            bad: 0,
        }
    }

    pub(super) fn count(&mut self, passed: bool, age: Duration) -> InstanceState {
        (self.good, self.bad) = if passed {
            (self.good.saturating_add(1), 0)
        } else {
            (0, self.bad.saturating_add(1))
        };
        let patient = self.state == InstanceState::Starting && age < self.spec.start_period.std();
        if passed && self.good >= self.spec.healthy_after {
            self.state = InstanceState::Healthy;
        } else if !passed && !patient && self.bad >= self.spec.unhealthy_after {
            self.state = InstanceState::Unhealthy;
        }
        self.state
    }
}

/// Probes for ever; tells each verdict, with the reason of a failure.
pub(super) async fn probe(
    spec: &Health,
    port: u16,
    state: InstanceState,
    mut told: impl FnMut(InstanceState, Option<String>),
) {
    let began = Instant::now();
    let mut row = Row::new(spec, state);
    loop {
        let result = timeout(spec.timeout.std(), once(spec, port))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {}", spec.timeout)));
        let state = row.count(result.is_ok(), began.elapsed());
        told(state, result.err());
        let eager = state == InstanceState::Starting;
        let pause = spec.interval.std();
        tokio::time::sleep(if eager { pause.min(EAGER) } else { pause }).await;
    }
}

async fn once(spec: &Health, port: u16) -> Result<(), String> {
    let address = (Ipv4Addr::LOCALHOST, port);
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| format!("port {port}: {error}"))?;
    let Some(path) = &spec.http else { return Ok(()) };
    let failed = |error: &dyn std::fmt::Display| format!("GET {path} on port {port}: {error}");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    let request = Request::get(path.as_str())
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .header(header::USER_AGENT, "slipway-probe")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| failed(&error))?;
    // Owns the sender and drops the body unread, so that the connection ends with it.
    let answer = async move {
        sender
            .send_request(request)
            .await
            .map(|response| response.status())
    };
    let (status, _ended) = tokio::join!(answer, connection);
    let status = status.map_err(|error| failed(&error))?;
    if status.is_success() || status.is_redirection() {
        Ok(())
    } else {
        Err(failed(&status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(probes: &str, start_period: &str, expected: &str) {
        let spec = format!(
            r#"{{"tcp": true, "port": "a", "healthy-after": 2, "unhealthy-after": 2, "start-period": "{start_period}"}}"#
        );
        let spec: Health = serde_json::from_str(&spec).unwrap();
        let mut row = Row::new(&spec, InstanceState::Starting);
        let states: String = probes
            .chars()
            .map(|probe| match row.count(probe == '+', Duration::from_secs(1)) {
                InstanceState::Starting => 's',
                InstanceState::Healthy => 'h',
                _ => 'u',
            })
            .collect();
        assert_eq!(states, expected, "{probes}");
    }

    #[test]
    fn rows_decide() {
        check("--++-+--+--", "2s", "ssshhhhuuuu");
        check("+++", "2s", "shh");
        check("------", "2s", "ssssss");
        check("--++", "0s", "suuh");
        check("-+-+-+", "0s", "ssssss");
    }
}
