//! The contract as Rust types, generated from `sdk/wit`. Nothing but generated code: what the types mean is in
//! `roles` (exports) and `capabilities` (imports).

/// What plugins import, shared by all worlds.
pub(crate) mod imports {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/slipway-plugin@0.1.0",
        world: "capabilities",
        imports: { default: async | trappable },
        additional_derives: [serde::Serialize, serde::Deserialize],
    });
    pub(crate) use slipway::plugin::*;
}

pub(crate) mod format {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/slipway-plugin@0.1.0",
        world: "format-plugin",
        imports: { default: async | trappable },
        additional_derives: [serde::Serialize, serde::Deserialize],
        exports: { default: async },
        with: { "slipway:plugin": crate::bindings::imports::slipway::plugin },
    });
    pub(crate) use exports::slipway::plugin::format::*;
}

pub(crate) mod target {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/slipway-plugin@0.1.0",
        world: "target-plugin",
        imports: { default: async | trappable },
        additional_derives: [serde::Serialize, serde::Deserialize],
        exports: { default: async },
        with: { "slipway:plugin": crate::bindings::imports::slipway::plugin },
    });
    pub(crate) use exports::slipway::plugin::target::*;
}

pub(crate) mod router {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/slipway-plugin@0.1.0",
        world: "router-plugin",
        imports: { default: async | trappable },
        additional_derives: [serde::Serialize, serde::Deserialize],
        exports: { default: async },
        with: { "slipway:plugin": crate::bindings::imports::slipway::plugin },
    });
    pub(crate) use exports::slipway::plugin::router::*;
}

pub(crate) mod check {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit/slipway-plugin@0.1.0",
        world: "check-plugin",
        imports: { default: async | trappable },
        additional_derives: [serde::Serialize, serde::Deserialize],
        exports: { default: async },
        with: { "slipway:plugin": crate::bindings::imports::slipway::plugin },
    });
    pub(crate) use exports::slipway::plugin::check::*;
}
