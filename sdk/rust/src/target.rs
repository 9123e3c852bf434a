//! The role of a target: runs instances at one kind of place.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::{
    About, Failure, Place,
    bindings::{
        capabilities::slipway::plugin::types,
        target::exports::slipway::plugin::target::{Guest, TargetDescription},
    },
    changes, guard,
};

pub use crate::bindings::target::exports::slipway::plugin::target::{
    Change, ChangeKind, Ended, Holder as Claim, Instance, InstanceSpec, InstanceState, LogChunk,
    PlaceAbilities as Abilities, Port, Probed, Task,
};

pub trait Target {
    const ABOUT: About;
    /// The kinds of workload that it runs.
    const WORKLOADS: &'static [&'static str];
    /// What it wants granted, in the words of the contract, such as `endpoint of api`.
    const NEEDS: &'static [&'static str];
    type Settings: DeserializeOwned;

    /// What can be done at a place with these settings. Has no effects.
    fn abilities(settings: Self::Settings) -> Result<Abilities, Failure>;
    fn observe(place: Place<Self::Settings>) -> Result<Vec<Instance>, Failure>;
    /// What would change: by names and revisions, unless a target knows better.
    fn plan(place: Place<Self::Settings>, desired: Vec<InstanceSpec>) -> Result<Vec<Change>, Failure> {
        Ok(changes(&Self::observe(place)?, &desired))
    }
    /// Marks the place as changed by one writer. Most targets need no mark.
    fn claim(place: Place<Self::Settings>, by: &str, seconds: u32) -> Result<Option<Claim>, Failure> {
        let _ = (place, by, seconds);
        Ok(None)
    }
    fn start(place: Place<Self::Settings>, instance: InstanceSpec) -> Result<(), Failure>;
    /// Takes over what others have deployed, as it runs. Most targets do not.
    fn adopt(
        place: Place<Self::Settings>,
        instance: InstanceSpec,
        changes: bool,
    ) -> Result<Vec<Change>, Failure> {
        let _ = (place, instance, changes);
        Err(Failure::unsupported(format!(
            "target {} takes nothing over that others have deployed",
            Self::ABOUT.name
        )))
    }
    fn probe(place: Place<Self::Settings>, name: &str) -> Result<Option<Instance>, Failure>;
    /// The same for a target that can wait for a change: none if nothing has changed since. Most targets cannot.
    fn probe_since(
        place: Place<Self::Settings>,
        name: &str,
        since: &str,
        wait_ms: u32,
    ) -> Result<Option<Probed>, Failure> {
        let _ = (since, wait_ms);
        Ok(Some(Probed {
            instance: Self::probe(place, name)?,
            next: String::new(),
        }))
    }
    /// Holds what `start` has begun, or lets it go on. Only for targets whose abilities say so.
    fn hold(place: Place<Self::Settings>, name: &str, on: bool) -> Result<(), Failure> {
        let _ = (place, name, on);
        let problem = format!("target {} cannot hold what it has begun", Self::ABOUT.name);
        Err(Failure::unsupported(problem))
    }
    /// Sets a dead man's switch, renews it, or takes it away (0 seconds). Only for targets whose abilities say so.
    fn guard(place: Place<Self::Settings>, seconds: u32) -> Result<Option<String>, Failure> {
        let _ = (place, seconds);
        let problem = format!("target {} does not come back by itself", Self::ABOUT.name);
        Err(Failure::unsupported(problem))
    }
    fn stop(place: Place<Self::Settings>, name: &str) -> Result<(), Failure>;
    fn logs(place: Place<Self::Settings>, name: &str, cursor: &str) -> Result<LogChunk, Failure>;
    fn cleanup(place: Place<Self::Settings>, revision: &str) -> Result<(), Failure>;
    /// Runs a program once, as an instance would. Only for targets whose abilities say so.
    fn execute(
        place: Place<Self::Settings>,
        task: Task,
        begun: bool,
        wait_ms: u32,
    ) -> Result<Option<Ended>, Failure> {
        let _ = (place, task, begun, wait_ms);
        Err(no_tasks(Self::ABOUT.name))
    }
    /// Ends what `execute` has begun, and removes what it has left. Only for targets whose abilities say so.
    fn dismiss(place: Place<Self::Settings>, task: Task) -> Result<(), Failure> {
        let _ = (place, task);
        Err(no_tasks(Self::ABOUT.name))
    }
}

/// Exports a [`Target`].
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
#[macro_export]
macro_rules! export_target {
    ($plugin:ty) => {
        type SlipwayExport = $crate::TargetAdapter<$plugin>;
        $crate::bindings::target::export_target!(SlipwayExport with_types_in $crate::bindings::target);
    };
}

/// Exports a [`Target`] as a native library.
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
#[macro_export]
macro_rules! export_target {
    ($plugin:ty) => {
        $crate::native_plugin!(
            slipway_target_0_1,
            $crate::native::target::<$crate::TargetAdapter<$plugin>>
        );
    };
}

/// Between the contract's types and the plugin's.
pub struct TargetAdapter<P>(PhantomData<P>);

impl<P: Target> Guest for TargetAdapter<P> {
    fn describe() -> TargetDescription {
        guard::ready();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        TargetDescription {
            name: P::ABOUT.name.to_owned(),
            version: P::ABOUT.version.to_owned(),
            summary: P::ABOUT.summary.to_owned(),
            settings_schema: P::ABOUT.settings_schema.to_owned(),
            workloads: owned(P::WORKLOADS),
            needs: owned(P::NEEDS),
        }
    }

    fn abilities(raw: types::Place) -> Result<Abilities, Failure> {
        P::abilities(place(raw)?.settings)
    }

    fn observe(raw: types::Place) -> Result<Vec<Instance>, Failure> {
        P::observe(place(raw)?)
    }

    fn plan(raw: types::Place, desired: Vec<InstanceSpec>) -> Result<Vec<Change>, Failure> {
        P::plan(place(raw)?, desired)
    }

    fn claim(raw: types::Place, by: String, seconds: u32) -> Result<Option<Claim>, Failure> {
        P::claim(place(raw)?, &by, seconds)
    }

    fn start(raw: types::Place, instance: InstanceSpec) -> Result<(), Failure> {
        P::start(place(raw)?, instance)
    }

    fn adopt(raw: types::Place, instance: InstanceSpec, changes: bool) -> Result<Vec<Change>, Failure> {
        P::adopt(place(raw)?, instance, changes)
    }

    fn probe(
        raw: types::Place,
        name: String,
        since: String,
        wait_ms: u32,
    ) -> Result<Option<Probed>, Failure> {
        P::probe_since(place(raw)?, &name, &since, wait_ms)
    }

    fn hold(raw: types::Place, name: String, on: bool) -> Result<(), Failure> {
        P::hold(place(raw)?, &name, on)
    }

    fn guard(raw: types::Place, seconds: u32) -> Result<Option<String>, Failure> {
        P::guard(place(raw)?, seconds)
    }

    fn stop(raw: types::Place, name: String) -> Result<(), Failure> {
        P::stop(place(raw)?, &name)
    }

    fn logs(raw: types::Place, name: String, cursor: String) -> Result<LogChunk, Failure> {
        P::logs(place(raw)?, &name, &cursor)
    }

    fn cleanup(raw: types::Place, revision: String) -> Result<(), Failure> {
        P::cleanup(place(raw)?, &revision)
    }

    fn execute(raw: types::Place, task: Task, begun: bool, wait_ms: u32) -> Result<Option<Ended>, Failure> {
        P::execute(place(raw)?, task, begun, wait_ms)
    }

    fn dismiss(raw: types::Place, task: Task) -> Result<(), Failure> {
        P::dismiss(place(raw)?, task)
    }
}

fn no_tasks(target: &str) -> Failure {
    Failure::unsupported(format!("target {target} runs no programs of its own"))
}

fn place<S: DeserializeOwned>(raw: types::Place) -> Result<Place<S>, Failure> {
    guard::ready();
    Place::of(raw)
}
