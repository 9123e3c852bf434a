//! The role of a router: sends users to revisions by weight.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::{
    About, Failure, Place,
    bindings::{
        capabilities::slipway::plugin::types,
        router::exports::slipway::plugin::router::{self as contract, Guest, RouterDescription},
    },
    guard,
    target::LogChunk,
};

pub use contract::{
    Backend, Baseline, Flow, Observed as ObservedRoute, PlaceAbilities as RouterAbilities, Routing, Share,
};

pub trait Router {
    const ABOUT: About;
    /// What it wants granted, in the words of the contract, such as `endpoint of api`.
    const NEEDS: &'static [&'static str];
    type Settings: DeserializeOwned;

    /// What can be done at a place with these settings. Has no effects.
    fn abilities(settings: Self::Settings) -> Result<RouterAbilities, Failure>;
    /// The name of the port of an instance to send users to.
    fn port(settings: Self::Settings) -> Result<String, Failure>;
    fn observe(place: Place<Self::Settings>) -> Result<ObservedRoute, Failure>;
    fn route(place: Place<Self::Settings>, routing: Routing) -> Result<(), Failure>;
    fn drain(place: Place<Self::Settings>, instance: &str) -> Result<u64, Failure>;
    fn logs(place: Place<Self::Settings>, cursor: &str) -> Result<LogChunk, Failure>;
    fn metrics(place: Place<Self::Settings>) -> Result<String, Failure>;
    fn remove(place: Place<Self::Settings>) -> Result<(), Failure>;
}

/// Exports a [`Router`].
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
#[macro_export]
macro_rules! export_router {
    ($plugin:ty) => {
        type SlipwayExport = $crate::RouterAdapter<$plugin>;
        $crate::bindings::router::export_router!(SlipwayExport with_types_in $crate::bindings::router);
    };
}

/// Exports a [`Router`] as a native library.
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
#[macro_export]
macro_rules! export_router {
    ($plugin:ty) => {
        $crate::native_plugin!(
            slipway_router_0_1,
            $crate::native::router::<$crate::RouterAdapter<$plugin>>
        );
    };
}

/// Between the contract's types and the plugin's.
pub struct RouterAdapter<P>(PhantomData<P>);

impl<P: Router> Guest for RouterAdapter<P> {
    fn describe() -> RouterDescription {
        guard::ready();
        RouterDescription {
            name: P::ABOUT.name.to_owned(),
            version: P::ABOUT.version.to_owned(),
            summary: P::ABOUT.summary.to_owned(),
            settings_schema: P::ABOUT.settings_schema.to_owned(),
            needs: P::NEEDS.iter().map(|need| (*need).to_owned()).collect(),
        }
    }

    fn abilities(raw: types::Place) -> Result<RouterAbilities, Failure> {
        P::abilities(place(raw)?.settings)
    }

    fn port(raw: types::Place) -> Result<String, Failure> {
        P::port(place(raw)?.settings)
    }

    fn observe(raw: types::Place) -> Result<ObservedRoute, Failure> {
        P::observe(place(raw)?)
    }

    fn route(raw: types::Place, routing: Routing) -> Result<(), Failure> {
        P::route(place(raw)?, routing)
    }

    fn drain(raw: types::Place, instance: String) -> Result<u64, Failure> {
        P::drain(place(raw)?, &instance)
    }

    fn logs(raw: types::Place, cursor: String) -> Result<contract::LogChunk, Failure> {
        let LogChunk { content, next, end } = P::logs(place(raw)?, &cursor)?;
        Ok(contract::LogChunk { content, next, end })
    }

    fn metrics(raw: types::Place) -> Result<String, Failure> {
        P::metrics(place(raw)?)
    }

    fn remove(raw: types::Place) -> Result<(), Failure> {
        P::remove(place(raw)?)
    }
}

fn place<S: DeserializeOwned>(raw: types::Place) -> Result<Place<S>, Failure> {
    guard::ready();
    Place::of(raw)
}
