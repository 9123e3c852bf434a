//! The role of a check: looks at a revision and says whether it is well.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::{
    About, Failure,
    bindings::check::exports::slipway::plugin::check::{self as contract, CheckDescription, Guest},
    guard,
    settings::parse,
};

pub use contract::{
    Finding, Instance as SubjectInstance, Outcome as FindingOutcome, Port as SubjectPort, Subject, Tally,
};

pub trait Check {
    const ABOUT: About;
    /// What it wants granted, in the words of the contract, such as `endpoint of api`.
    const NEEDS: &'static [&'static str];
    type Settings: DeserializeOwned;

    /// Only reads.
    fn check(settings: Self::Settings, subject: Subject) -> Result<Finding, Failure>;
}

/// Exports a [`Check`].
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
#[macro_export]
macro_rules! export_check {
    ($plugin:ty) => {
        type SlipwayExport = $crate::CheckAdapter<$plugin>;
        $crate::bindings::check::export_check!(SlipwayExport with_types_in $crate::bindings::check);
    };
}

/// Exports a [`Check`] as a native library.
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
#[macro_export]
macro_rules! export_check {
    ($plugin:ty) => {
        $crate::native_plugin!(
            slipway_check_0_1,
            $crate::native::check::<$crate::CheckAdapter<$plugin>>
        );
    };
}

/// Between the contract's types and the plugin's.
pub struct CheckAdapter<P>(PhantomData<P>);

impl<P: Check> Guest for CheckAdapter<P> {
    fn describe() -> CheckDescription {
        guard::ready();
        CheckDescription {
            name: P::ABOUT.name.to_owned(),
            version: P::ABOUT.version.to_owned(),
            summary: P::ABOUT.summary.to_owned(),
            settings_schema: P::ABOUT.settings_schema.to_owned(),
            needs: P::NEEDS.iter().map(|need| (*need).to_owned()).collect(),
        }
    }

    fn check(settings: String, subject: Subject) -> Result<Finding, Failure> {
        guard::ready();
        P::check(parse("the settings", &settings)?, subject)
    }
}
