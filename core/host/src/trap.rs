//! Why a call of a plugin ended early, in words, and who is to blame: the record, a limit, or the plugin.

use slipway_plugin::{PluginError, RecordError};
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::{
    capabilities::printable,
    limits::{self, Reached},
    native::Unloadable,
    session::{NoEffects, Session},
    words::line,
};

pub(crate) fn explain(session: &Session, verb: &'static str, error: &wasmtime::Error) -> PluginError {
    let plugin = session.plugin.to_string();
    if let Some(source) = error.downcast_ref::<RecordError>() {
        return PluginError::Record {
            plugin,
            verb,
            source: source.clone(),
        };
    }
    if let Some(Unloadable(cause)) = error.downcast_ref() {
        let cause = cause.clone();
        return PluginError::Load { plugin, cause };
    }
    let mut cause = reason(session, error);
    if let Some(function) = function(error) {
        cause.push_str(&format!(", in `{function}`"));
    }
    if !session.tail.is_empty() {
        let lines: Vec<_> = session.tail.iter().map(|line| line.replace('\n', " ")).collect();
        cause.push_str(&format!("; it last logged: {}", lines.join(" | ")));
    }
    let said = match &session.script {
        Some(script) => script.said(),
        None => session.wrote.clone(),
    };
    if let Some(last) = said.lines().rfind(|line| !line.trim().is_empty()) {
        cause.push_str(&format!("; it last wrote: {}", printable(last)));
    }
    PluginError::Broke { plugin, verb, cause }
}

fn reason(session: &Session, error: &wasmtime::Error) -> String {
    if let Some(reached) = error
        .downcast_ref::<Reached>()
        .or(session.growth.refused.as_ref())
    {
        return reached.to_string();
    }
    if let Some(effects) = error.downcast_ref::<NoEffects>() {
        return effects.to_string();
    }
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return format!("it ended itself with code {code}");
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return words(*trap);
    }
    let text = error.root_cause().to_string();
    // The type of this one is private to wasmtime.
    if text.contains("fuel allocated for hostcalls") {
        return Reached::new("host call", limits::bytes(session.limits.host_call)).to_string();
    }
    session.plain(&text)
}

fn words(trap: Trap) -> String {
    match trap {
        Trap::StackOverflow => "stack limit 1 MiB reached: it calls itself too deeply".to_owned(),
        Trap::UnreachableCodeReached => "it gave up (panicked or aborted)".to_owned(),
        Trap::IntegerDivisionByZero => "it divided by zero".to_owned(),
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds => "it reached outside its memory".to_owned(),
        Trap::CannotLeaveComponent => "it called the host where it may only answer".to_owned(),
        other => other.to_string().trim_start_matches("wasm trap: ").to_owned(),
    }
}

/// Where it was, if the component still has the names of its functions: in code of its own, or else wherever it was.
fn function(error: &wasmtime::Error) -> Option<String> {
    let backtrace = error.downcast_ref::<WasmBacktrace>()?;
    let names: Vec<_> = backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        // Without the hash that tells two builds of one function apart.
        .map(|name| line(&format!("{:#}", rustc_demangle::demangle(name))))
        .collect();
    let own = names.iter().find(|name| !is_runtime(name));
    own.or(names.first()).cloned()
}

/// What Rust itself brings: panicking, allocating.
fn is_runtime(name: &str) -> bool {
    let path = name.trim_start_matches('<');
    ["__rustc::", "std::", "core::", "alloc::", "rust_"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}
