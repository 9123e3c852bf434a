//! A component that is compiled and linked, or a native library, ready to be called: every call gets a store of its own, and a
//! plugin that broke is simply called anew.

use std::sync::Arc;

use slipway_plugin::{Call, PluginError, Profile};
use wasmtime::{
    Store,
    component::{Component, InstancePre, Linker},
};

use crate::{
    capabilities::{self, printable},
    component::Description,
    engine,
    limits::LimitsOf,
    native::Library,
    outgoing::Clients,
    script,
    session::Session,
    trap,
};

pub(crate) struct Loaded {
    name: Arc<str>,
    limits: LimitsOf,
    clients: Arc<Clients>,
    code: Code,
}

enum Code {
    Component(InstancePre<Session>),
    Native(Arc<Library>),
}

/// What is asked, by the names of one world.
pub(crate) enum Guest<P> {
    Component(P),
    Native(Arc<Library>),
}

/// One call while it runs.
pub(crate) struct Turn {
    pub(crate) store: Store<Session>,
    pub(crate) verb: &'static str,
}

/// What the contract's functions answer.
pub(crate) type Answer<T> = Result<T, crate::bindings::imports::types::Failure>;

impl Loaded {
    /// Links what the component imports; that all of it is granted has been checked.
    pub(crate) fn new(
        name: &str,
        component: &Component,
        description: &Description,
        limits: LimitsOf,
        clients: Arc<Clients>,
    ) -> Result<Self, String> {
        let mut linker = Linker::new(engine::engine()?);
        let linked = match description.profile {
            Profile::Strict => Ok(()),
            Profile::Script => script::link(&mut linker),
            Profile::Native => return Err("it is a native library, and nothing to link".to_owned()),
        };
        let linked = linked
            .and_then(|()| capabilities::link(&mut linker, &description.imports))
            .and_then(|()| linker.instantiate_pre(component))
            .map_err(|error| format!("{error:#}"));
        let pre = linked.map_err(|cause| {
            let contract = &description.contract;
            format!("it was built for contract {contract}, and this slipway has 0.1.0: {cause}")
        })?;
        Ok(Self {
            name: name.into(),
            limits,
            clients,
            code: Code::Component(pre),
        })
    }

    pub(crate) fn native(name: &str, library: Library, limits: LimitsOf, clients: Arc<Clients>) -> Self {
        Self {
            name: name.into(),
            limits,
            clients,
            code: Code::Native(Arc::new(library)),
        }
    }

    /// `link` knows the world.
    pub(crate) fn guest<P>(
        &self,
        link: impl FnOnce(InstancePre<Session>) -> wasmtime::Result<P>,
    ) -> Result<Guest<P>, PluginError> {
        match &self.code {
            Code::Native(library) => Ok(Guest::Native(library.clone())),
            Code::Component(pre) => match link(pre.clone()) {
                Ok(guest) => Ok(Guest::Component(guest)),
                Err(error) => Err(self.load(format!("{error:#}"))),
            },
        }
    }

    /// Without a `call` the plugin may do nothing but answer.
    pub(crate) fn turn(&self, verb: &'static str, call: Option<Call>) -> Result<Turn, PluginError> {
        let (limits, clients) = ((self.limits)(verb), self.clients.clone());
        let store =
            Session::store(self.name.clone(), call, limits, clients).map_err(|cause| self.load(cause))?;
        Ok(Turn { store, verb })
    }

    pub(crate) fn load(&self, cause: String) -> PluginError {
        PluginError::Load {
            plugin: self.name.to_string(),
            cause: printable(&cause),
        }
    }
}

impl Turn {
    pub(crate) fn end<T>(&self, answer: wasmtime::Result<T>) -> Result<T, PluginError> {
        answer.map_err(|error| trap::explain(self.store.data(), self.verb, &error))
    }

    pub(crate) fn end_answered<T>(&self, answer: wasmtime::Result<Answer<T>>) -> Result<T, PluginError> {
        self.end(answer)?.map_err(|failure| PluginError::Answered {
            plugin: self.store.data().plugin.to_string(),
            verb: self.verb,
            failure: self.store.data().failure(failure),
        })
    }

    /// The plugin answered something that has no meaning.
    pub(crate) fn nonsense(&self, what: &str, problem: &dyn std::fmt::Display) -> PluginError {
        PluginError::Broke {
            plugin: self.store.data().plugin.to_string(),
            verb: self.verb,
            cause: printable(&format!("its answer has no meaning: {what}: {problem}")),
        }
    }
}
