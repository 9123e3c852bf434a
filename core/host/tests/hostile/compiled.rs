//! What is handed over as a plugin and is something else, or not whole.

use slipway_host::precompile;

use crate::{
    kit::{Guest, section},
    table::{Row, not_load},
};

fn bytes(
    tries: impl Into<String>,
    wasm: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    expected: &str,
) -> Row {
    Row::wasm(tries, move |_| wasm(), not_load(expected))
}

fn sound() -> Guest {
    Guest::new().log("x")
}

/// Bytes in front of compiled code: whose it is, and from what.
const ENVELOPE: usize = 8 + 8 + 64 + 64;

pub(crate) fn rows() -> Vec<Row> {
    let other = "it is not a WebAssembly component: it does not begin like one";
    // As whatever the system could load, and nobody has said that it may be.
    let library = "it is a native library, and the operator trusts none of the digest sha256:…";
    let damaged = "it is not a WebAssembly component: …";
    let mut rows = vec![
        bytes(
            "compiled code in the host's own envelope",
            || precompile(&sound().module()).unwrap(),
            other,
        ),
        bytes(
            "compiled code as it is (ELF)",
            || precompile(&sound().module()).unwrap()[ENVELOPE..].to_vec(),
            library,
        ),
        bytes(
            "a program of the system",
            || std::fs::read("/bin/true").unwrap(),
            library,
        ),
        bytes("a shell script", || b"#!/bin/sh\nid\n".to_vec(), other),
        bytes("nothing", Vec::new, other),
        bytes("the text of a component", || b"(component)".to_vec(), other),
        bytes(
            "a core module without a contract",
            || wat::parse_str("(module)").unwrap(),
            "it is a core module without a contract in it: build it with the plugin kit",
        ),
        bytes(
            "a contract that is none",
            || {
                let mut module = wat::parse_str("(module)").unwrap();
                section(&mut module, 0, b"\x0ecomponent-typenonsense");
                module
            },
            damaged,
        ),
        bytes(
            "a contract that needs itself by another name",
            || replaced(&sound().module(), b"slipway:plugin/log", b"slipwaz:plugin/log"),
            "it is not a WebAssembly component: its contract is of `slipwa…:plugin@0.1.0` and of `slipwa…:plugin@0.1.0`, and a contract is of one package",
        ),
        bytes(
            "a version of WebAssembly that there is not",
            || {
                let mut wasm = sound().component();
                wasm[4] = 0x7f;
                wasm
            },
            "it is not a WebAssembly component: …",
        ),
        bytes(
            "a component called a module",
            || {
                let mut wasm = sound().component();
                wasm[6] = 0;
                wasm
            },
            "it is not a WebAssembly component: …",
        ),
        bytes(
            "two components, one behind the other",
            || sound().component().repeat(2),
            damaged,
        ),
        bytes(
            "a component with something behind it",
            || [sound().component(), b"\x7fELF".to_vec()].concat(),
            damaged,
        ),
        bytes(
            "a section of four GiB",
            || {
                let mut wasm = sound().component();
                wasm.extend([1, 0xff, 0xff, 0xff, 0xff, 0x0f]);
                wasm
            },
            damaged,
        ),
        bytes(
            "a section that there is not",
            || {
                let mut wasm = sound().component();
                section(&mut wasm, 99, b"x");
                wasm
            },
            "…malformed section id: 99…",
        ),
        bytes(
            "code that is no code",
            || replaced(&sound().component(), &[0x41, 0x10, 0x0b], &[0xff, 0xff, 0x0b]),
            "…",
        ),
        bytes(
            "components in components, 17 deep",
            || deep(17),
            "it has components within components, deeper or more of them than any tool makes",
        ),
        bytes(
            "components in components, 2,000 deep",
            || deep(2000),
            "it has components within components, deeper or more of them than any tool makes",
        ),
        bytes(
            "a thousand components and one",
            || {
                let mut wasm = sound().component();
                let empty = wat::parse_str("(component)").unwrap();
                for _ in 0..1000 {
                    section(&mut wasm, 4, &empty);
                }
                wasm
            },
            "it has components within components, deeper or more of them than any tool makes",
        ),
    ];
    let length = sound().component().len();
    for part in [4, 8, 9, 100, length / 2, length - 1] {
        rows.push(bytes(
            format!("the first {part} bytes of a component"),
            move || sound().component()[..part].to_vec(),
            "it …",
        ));
    }
    rows
}

fn replaced(wasm: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    let at = wasm.windows(what.len()).rposition(|found| found == what).unwrap();
    [&wasm[..at], by, &wasm[at + what.len()..]].concat()
}

fn deep(depth: usize) -> Vec<u8> {
    let mut inner = wat::parse_str("(component)").unwrap();
    for _ in 0..depth {
        let mut outer = inner[..8].to_vec();
        section(&mut outer, 4, &inner);
        inner = outer;
    }
    inner
}
