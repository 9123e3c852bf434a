//! What is there without being granted elsewhere: files, environment, network, clock, randomness. None of it is reachable.

use slipway_host::Grants;
use slipway_plugin::Kind;

use crate::{
    kit::{Arg, Guest, pairs, text, texts},
    table::{Must, Row, not_load, told},
};

/// A component that is a target, and wants this too. It gives nothing, so that it can never run: where an import is
/// offered to interpreters, it is refused for that.
fn wanting(interface: &'static str) -> Row {
    let component = format!(
        "(component (import \"{interface}\" (instance)) (instance) (export \"slipway:plugin/target@0.1.0\" (instance 1)))"
    );
    Row::wasm(
        format!("imports {interface}"),
        move |_| wat::parse_str(&component).unwrap(),
        not_load("…"),
    )
}

/// Of WASI, with every version and every interface that leads outside.
const AMBIENT: [&str; 24] = [
    "wasi:filesystem/types@0.2.0",
    "wasi:filesystem/preopens@0.2.3",
    "wasi:cli/environment@0.2.0",
    "wasi:cli/run@0.2.0",
    "wasi:cli/stdin@0.2.0",
    "wasi:sockets/tcp@0.2.0",
    "wasi:sockets/tcp-create-socket@0.2.0",
    "wasi:sockets/udp@0.2.0",
    "wasi:sockets/ip-name-lookup@0.2.0",
    "wasi:sockets/instance-network@0.2.0",
    "wasi:http/outgoing-handler@0.2.0",
    "wasi:http/types@0.2.6",
    "wasi:clocks/wall-clock@0.2.0",
    "wasi:clocks/monotonic-clock@0.2.0",
    "wasi:random/random@0.2.0",
    "wasi:random/insecure-seed@0.2.0",
    "wasi:io/poll@0.2.0",
    "wasi:filesystem/types@0.3.0",
    "wasi:sockets/types@0.3.0",
    "wasi:keyvalue/store@0.2.0",
    "wasi:nn/graph@0.2.0",
    "wasi:threads/spawn@0.1.0",
    "wasi:config/store@0.2.0",
    "wasi:logging/logging@0.1.0",
];

/// A module whose contract does not know this import.
fn core(module: &'static str, function: &'static str, expected: &'static str) -> Row {
    let import = format!("(import \"{module}\" \"{function}\" (func))");
    let wasm = move |_: &_| {
        let guest = Guest::new().log("x").importing(&import);
        guest.module()
    };
    Row::wasm(
        format!("a core module imports {module} {function}"),
        wasm,
        not_load(expected),
    )
}

fn ungranted(capability: &'static str, guest: Guest, kind: Kind) -> Row {
    let expected = format!(
        "it imports `slipway:plugin/{capability}@0.1.0`, and a {} plugin is not granted `{capability}`",
        kind.name()
    );
    Row::new(
        format!("a {} asks for {capability}", kind.name()),
        guest,
        not_load(expected),
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = AMBIENT.map(wanting).into();
    rows.push(core(
        "wasi_snapshot_preview1",
        "fd_write",
        "…`wasi_snapshot_preview1`…",
    ));
    rows.push(core("env", "system", "…`env`…"));
    rows.push(core(
        "slipway:plugin/sudo@0.1.0",
        "run",
        "…slipway:plugin/sudo@0.1.0…",
    ));
    rows
}

fn now(kind: Kind) -> Guest {
    Guest::of(kind).call("clock", "now", &[])
}

fn run(kind: Kind) -> Guest {
    let arguments = [
        text("local"),
        text("true"),
        texts(&[]),
        pairs(&[]),
        text(""),
        Arg::Int(0),
        Arg::Int(0),
    ];
    Guest::of(kind).call("exec", "run", &arguments)
}

fn get(kind: Kind) -> Guest {
    let nothing = [Arg::Int(0), text(""), Arg::Int(0), Arg::Int(0)];
    let head = [text("api"), text("GET"), text("/"), pairs(&[])];
    let tail = [Arg::Int(0), Arg::Int(0), Arg::Int(0)];
    Guest::of(kind).call("http", "send", &[&head[..], &nothing, &tail].concat())
}

fn read(kind: Kind) -> Guest {
    Guest::of(kind).call("files", "read", &[text("input"), text("plain")])
}

/// More than its kind is granted, or than it was granted when it was added.
pub(crate) fn widening() -> Vec<Row> {
    let only = |guest: Guest, capability: &'static str| {
        ungranted(capability, guest, Kind::Target).granted(Grants::only(["log", "state"]))
    };
    let mut rows = vec![
        ungranted("clock", now(Kind::Format), Kind::Format),
        ungranted("exec", run(Kind::Format), Kind::Format),
        ungranted("http", get(Kind::Format), Kind::Format),
        ungranted("exec", run(Kind::Check), Kind::Check),
        ungranted("files", read(Kind::Check), Kind::Check),
    ];
    // An update that wants more than what it updates.
    rows.push(only(now(Kind::Target).log("x"), "clock"));
    rows.push(only(run(Kind::Target).log("x"), "exec"));
    rows.push(only(get(Kind::Target).log("x"), "http"));
    let ungranted = |tries: &str, guest: Guest, expected: &str| -> Row {
        let must: Must = told(expected);
        Row::new(tries, guest, must).call(|world| {
            let mut call = world.call();
            (call.folders, call.endpoints, call.hosts, call.state) = Default::default();
            call
        })
    };
    rows.push(ungranted(
        "a folder that the call has not",
        read(Kind::Target),
        "no folder `input` is granted",
    ));
    rows.push(ungranted(
        "an endpoint that the call has not",
        get(Kind::Target),
        "no endpoint `api` is granted",
    ));
    rows.push(ungranted(
        "a host that the call has not",
        run(Kind::Target),
        "no host `local` is granted",
    ));
    rows.push(ungranted(
        "a state that the call has not",
        Guest::new().call("state", "put", &[text("{}")]),
        "this call has no state",
    ));
    rows.push(ungranted(
        "a registry that the call has not",
        Guest::new().call("registry", "resolve", &[text("dev"), text("web"), text("latest")]),
        "no registry is granted",
    ));
    rows.push(ungranted(
        "a lookup that the call has not",
        Guest::new().call(
            "lookup",
            "find",
            &[text("v1"), text("Secret"), text("prod"), text("db")],
        ),
        "nothing is looked up in a cluster here (…)",
    ));
    rows
}
