//! The verbs of each kind, by their names in the contract.

use serde::{Serialize, de::DeserializeOwned};

use super::cbor;
use crate::bindings::{
    check::exports::slipway::plugin::check::Guest as Check,
    format::exports::slipway::plugin::format::Guest as Format,
    router::exports::slipway::plugin::router::Guest as Router,
    target::exports::slipway::plugin::target::Guest as Target,
};

macro_rules! verbs {
    ($kind:ident: $trait:ident { $($verb:ident($($argument:ident),*))* }) => {
        #[doc(hidden)]
        pub fn $kind<P: $trait>(verb: &str, input: &[u8]) -> Result<Vec<u8>, String> {
            match verb {
                $(stringify!($verb) => {
                    let ($($argument,)*) = read(input)?;
                    write(&P::$verb($($argument),*))
                })*
                other => Err(format!("there is no verb `{other}`")),
            }
        }
    };
}

verbs!(format: Format {
    describe()
    inspect(artifact, brought)
    assemble(artifact, facts)
    render(input)
    show(input)
});

verbs!(target: Target {
    describe()
    abilities(place)
    observe(place)
    plan(place, desired)
    claim(place, by, seconds)
    guard(place, seconds)
    start(place, instance)
    adopt(place, instance, changes)
    probe(place, name, since, wait_ms)
    hold(place, name, on)
    stop(place, name)
    logs(place, name, cursor)
    cleanup(place, revision)
    execute(place, task, begun, wait_ms)
    dismiss(place, task)
});

verbs!(router: Router {
    describe()
    abilities(place)
    port(place)
    observe(place)
    route(place, routing)
    drain(place, instance)
    logs(place, cursor)
    metrics(place)
    remove(place)
});

verbs!(check: Check {
    describe()
    check(settings, subject)
});

fn read<T: DeserializeOwned>(input: &[u8]) -> Result<T, String> {
    cbor::from_slice(input)
        .map_err(|error| format!("it was asked with something else than arguments: {error}"))
}

fn write<T: Serialize>(answer: &T) -> Result<Vec<u8>, String> {
    cbor::to_vec(answer).map_err(|error| error.to_string())
}
