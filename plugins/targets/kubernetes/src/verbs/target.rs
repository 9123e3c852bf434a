//! What the host calls.

use slipway_sdk::{
    Abilities, About, Change, Claim, Ended, Failure, Instance, InstanceSpec, LogChunk, Place, Probed, Target,
    Task,
};

use super::{adopt, cleanup, hold, lease, observe, plan, read_logs, start, stop, task};
use crate::{
    document::KIND,
    settings::{Mode, Settings},
};

struct Kubernetes;

impl Target for Kubernetes {
    const ABOUT: About = About {
        name: "kubernetes",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Runs the objects of an artifact in a namespace of a Kubernetes cluster.",
        settings_schema: include_str!("../settings.schema.json"),
    };
    const WORKLOADS: &'static [&'static str] = &[KIND];
    const NEEDS: &'static [&'static str] = &["cluster of context", "folder deployment"];
    type Settings = Settings;

    fn abilities(settings: Settings) -> Result<Abilities, Failure> {
        let side_by_side = settings.mode == Mode::SideBySide;
        Ok(Abilities {
            side_by_side,
            in_place: !side_by_side,
            hold: !side_by_side,
            guard: false,
            execute: true,
        })
    }

    fn observe(place: Place<Settings>) -> Result<Vec<Instance>, Failure> {
        observe::all(&place)
    }

    fn plan(place: Place<Settings>, desired: Vec<InstanceSpec>) -> Result<Vec<Change>, Failure> {
        plan::plan(&place, &desired)
    }

    fn claim(place: Place<Settings>, by: &str, seconds: u32) -> Result<Option<Claim>, Failure> {
        lease::claim(&place, by, seconds)
    }

    fn start(place: Place<Settings>, instance: InstanceSpec) -> Result<(), Failure> {
        start::start(&place, &instance)
    }

    fn adopt(place: Place<Settings>, instance: InstanceSpec, changes: bool) -> Result<Vec<Change>, Failure> {
        adopt::adopt(&place, &instance, changes)
    }

    fn probe(place: Place<Settings>, name: &str) -> Result<Option<Instance>, Failure> {
        observe::one(&place, name)
    }

    fn probe_since(
        place: Place<Settings>,
        name: &str,
        since: &str,
        wait_ms: u32,
    ) -> Result<Option<Probed>, Failure> {
        observe::one_since(&place, name, since, wait_ms)
    }

    fn hold(place: Place<Settings>, name: &str, on: bool) -> Result<(), Failure> {
        hold::hold(&place, name, on)
    }

    fn stop(place: Place<Settings>, name: &str) -> Result<(), Failure> {
        stop::stop(&place, name)
    }

    fn logs(place: Place<Settings>, name: &str, cursor: &str) -> Result<LogChunk, Failure> {
        read_logs::logs(&place, name, cursor)
    }

    fn cleanup(place: Place<Settings>, revision: &str) -> Result<(), Failure> {
        cleanup::cleanup(&place, revision)
    }

    fn execute(
        place: Place<Settings>,
        task: Task,
        begun: bool,
        wait_ms: u32,
    ) -> Result<Option<Ended>, Failure> {
        task::execute(&place, &task, begun, wait_ms)
    }

    fn dismiss(place: Place<Settings>, task: Task) -> Result<(), Failure> {
        task::dismiss(&place, &task)
    }
}

slipway_sdk::export_target!(Kubernetes);
