//! What a component is, read from its bytes before anything of it is compiled or run: its kind, the contract that it
//! was built for, and the capabilities that it wants.

use slipway_model::Digest;
use slipway_plugin::{Kind, PluginInfo, Profile};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::{
    contract,
    grants::{CAPABILITIES, Grants},
    script, shape,
};

/// Bytes of a component: above the largest interpreters.
const SIZE: usize = 64 << 20;
/// What this host speaks: 0.1.x.
const SPOKEN: (u64, u64) = (0, 1);
/// Major, minor, patch.
type Version = (u64, u64, u64);

const PACKAGE: &str = "slipway:plugin/";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) kind: Kind,
    pub(crate) contract: String,
    pub(crate) imports: Vec<String>,
    pub(crate) profile: Profile,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Absent(String),
    #[error("{0}")]
    Unreadable(String),
    #[error("it is not a WebAssembly component: {0}")]
    NotWasm(String),
    #[error("it is a core module without a contract in it: build it with the plugin kit")]
    NoContract,
    #[error("it has {0} bytes, and a plugin has at most {SIZE}")]
    Big(usize),
    #[error("it has {0}, which no plugin needs: build it with the plugin kit")]
    Unwanted(String),
    #[error("it has components within components, deeper or more of them than any tool makes")]
    Nested,
    #[error(
        "it imports `{0}`, and a plugin may import only `{PACKAGE}*`, and of WASI 0.2 what an interpreter needs to start"
    )]
    Forbidden(String),
    #[error("it imports `{interface}`, and a {kind} plugin is not granted `{capability}`")]
    NotGranted {
        interface: String,
        kind: &'static str,
        capability: String,
    },
    #[error("it was built for contract {0}; this slipway speaks 0.1.x: upgrade slipway")]
    Newer(String),
    #[error(
        "it was built for contract {0}; this slipway speaks 0.1.x: build it again with a newer plugin kit"
    )]
    Older(String),
    #[error(
        "it exports none of `{PACKAGE}format`, `{PACKAGE}target`, `{PACKAGE}router` and `{PACKAGE}check`"
    )]
    NoKind,
    #[error("it exports both `{0}` and `{1}`: a component is one plugin")]
    SeveralKinds(&'static str, &'static str),
    #[error("it is not a native library: {0}")]
    NotNative(String),
    #[error("it is a native library for {found}, and this slipway runs on {here}: build it there")]
    Elsewhere { found: String, here: &'static str },
    #[error(
        "it is a native library without a plugin in it: it has no symbol such as `slipway_target_0_1`; build it with the \
         plugin kit and its feature `native`, or with the header for C"
    )]
    NoSymbol,
    #[error(
        "it is a native library, and the operator trusts none of the digest {0}; if it may run here, the operator's file \
         says `[native] trust = [\"{0}\"]`"
    )]
    Untrusted(Digest),
    #[error("it is a native library, and these are loaded only on Linux, which can confine them")]
    NotLinux,
    #[error("it is a {found} and not a {wanted}")]
    OtherKind {
        found: &'static str,
        wanted: &'static str,
    },
}

impl Description {
    pub(crate) fn info(&self, name: &str, bytes: &[u8]) -> PluginInfo {
        PluginInfo {
            kind: self.kind,
            name: name.to_owned(),
            digest: Digest::of(bytes),
            contract: self.contract.clone(),
            imports: self.imports.clone(),
            profile: self.profile,
            size: bytes.len() as u64,
        }
    }

    pub(crate) fn check_grants(&self, grants: &Grants) -> Result<(), Refusal> {
        match self.imports.iter().find(|capability| !grants.allow(capability)) {
            None => Ok(()),
            Some(capability) => Err(Refusal::NotGranted {
                interface: format!("{PACKAGE}{capability}@{}", self.contract),
                kind: self.kind.name(),
                capability: capability.clone(),
            }),
        }
    }
}

/// A core module that carries its contract becomes a component; a component stays what it is.
pub(crate) fn from_wasm(bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if bytes.len() > SIZE {
        return Err(Refusal::Big(bytes.len()));
    }
    if Parser::is_component(&bytes) {
        return Ok(bytes);
    }
    if !Parser::is_core_wasm(&bytes) {
        return Err(Refusal::NotWasm("it does not begin like one".to_owned()));
    }
    let broken = |error: &dyn std::fmt::Display| Refusal::NotWasm(error.to_string());
    if !contract::carried(&bytes).map_err(|error| broken(&error))? {
        return Err(Refusal::NoContract);
    }
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder
        .validate(true)
        .module(&bytes)
        .and_then(|encoder| encoder.encode());
    encoded.map_err(|error| broken(&format!("{error:#}")))
}

pub(crate) fn describe(bytes: &[u8]) -> Result<Description, Refusal> {
    shape::check(bytes)?;
    let (imports, exports) = interfaces(bytes).map_err(|error| Refusal::NotWasm(error.to_string()))?;
    let mut contract = (0, 0, 0);
    let mut capabilities = Vec::new();
    let mut profile = Profile::Strict;
    for interface in imports {
        let Some((name, version)) = contract_of(&interface)? else {
            if script::is_offered(&interface) {
                profile = Profile::Script;
                continue;
            }
            return Err(Refusal::Forbidden(interface));
        };
        contract = contract.max(version);
        match name {
            "types" => {}
            name if CAPABILITIES.contains(&name) => capabilities.push(name.to_owned()),
            _ => return Err(Refusal::Forbidden(interface)),
        }
    }
    let mut found = None;
    for interface in exports {
        let Some((name, version)) = contract_of(&interface)? else {
            continue;
        };
        let kinds = [Kind::Format, Kind::Target, Kind::Router, Kind::Check];
        let Some(kind) = kinds.into_iter().find(|kind| kind.name() == name) else {
            continue;
        };
        contract = contract.max(version);
        if let Some(other) = found.replace(kind) {
            return Err(Refusal::SeveralKinds(other.name(), kind.name()));
        }
    }
    let (major, minor, patch) = contract;
    Ok(Description {
        kind: found.ok_or(Refusal::NoKind)?,
        contract: format!("{major}.{minor}.{patch}"),
        imports: capabilities,
        profile,
    })
}

/// Name and version of an interface of ours, if it is one.
fn contract_of(interface: &str) -> Result<Option<(&str, Version)>, Refusal> {
    let parsed = interface.strip_prefix(PACKAGE).and_then(|rest| {
        let (name, version) = rest.split_once('@')?;
        let mut numbers = version.splitn(3, '.').map(|number| number.parse::<u64>().ok());
        Some((name, (numbers.next()??, numbers.next()??, numbers.next()??)))
    });
    let Some((_, (major, minor, _))) = parsed else {
        return Ok(None);
    };
    let version = || interface.rsplit('@').next().unwrap_or_default().to_owned();
    match (major, minor).cmp(&SPOKEN) {
        std::cmp::Ordering::Less => Err(Refusal::Older(version())),
        std::cmp::Ordering::Greater => Err(Refusal::Newer(version())),
        std::cmp::Ordering::Equal => Ok(parsed),
    }
}

/// The names that the outermost component imports and exports.
fn interfaces(bytes: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.full_name().into_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export?.name.full_name().into_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(component: &str, expected: Result<(Kind, &str, &[&str]), &str>) {
        let found = describe(&wat::parse_str(component).unwrap());
        let found = found
            .map(|it| (it.kind, it.contract, it.imports))
            .map_err(|refusal| refusal.to_string());
        let expected = expected
            .map(|(kind, contract, imports)| {
                (
                    kind,
                    contract.to_owned(),
                    imports.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
                )
            })
            .map_err(str::to_owned);
        assert_eq!(found, expected);
    }

    fn component(imports: &[&str], exports: &[&str]) -> String {
        let import = |name: &&str| format!(r#"(import "{name}" (instance))"#);
        let export = |name: &&str| format!(r#"(instance $e) (export "{name}" (instance 0))"#);
        let imports: String = imports.iter().map(import).collect();
        let exports: String = exports
            .iter()
            .map(export)
            .collect::<String>()
            .replace("(instance $e)", "");
        format!("(component {imports} (instance) {exports})")
            .replace("(instance) (export", "(instance) (export")
    }

    #[test]
    fn kind_contract_and_wishes_are_read_without_running() {
        check(
            &component(
                &["slipway:plugin/types@0.1.0", "slipway:plugin/log@0.1.2"],
                &["slipway:plugin/target@0.1.0"],
            ),
            Ok((Kind::Target, "0.1.2", &["log"])),
        );
        check(
            &component(&[], &["slipway:plugin/format@0.1.0"]),
            Ok((Kind::Format, "0.1.0", &[])),
        );
    }

    #[test]
    fn what_is_not_ours_is_refused_by_name() {
        let target = &["slipway:plugin/target@0.1.0"];
        for (import, message) in [
            (
                "wasi:http/outgoing-handler@0.2.0",
                "it imports `wasi:http/outgoing-handler@0.2.0`, and a plugin may import only `slipway:plugin/*`, and of WASI 0.2 what an interpreter needs to start",
            ),
            (
                "slipway:plugin/sudo@0.1.0",
                "it imports `slipway:plugin/sudo@0.1.0`, and a plugin may import only `slipway:plugin/*`, and of WASI 0.2 what an interpreter needs to start",
            ),
            (
                "slipway:plugin/log@0.2.0",
                "it was built for contract 0.2.0; this slipway speaks 0.1.x: upgrade slipway",
            ),
            (
                "slipway:plugin/log@0.0.9",
                "it was built for contract 0.0.9; this slipway speaks 0.1.x: build it again with a newer plugin kit",
            ),
        ] {
            check(&component(&[import], target), Err(message));
        }
        check(
            &component(&[], &["slipway:plugin/target@1.0.0"]),
            Err("it was built for contract 1.0.0; this slipway speaks 0.1.x: upgrade slipway"),
        );
        check(
            &component(&[], &[]),
            Err(
                "it exports none of `slipway:plugin/format`, `slipway:plugin/target`, `slipway:plugin/router` and `slipway:plugin/check`",
            ),
        );
        check(
            &component(
                &[],
                &["slipway:plugin/target@0.1.0", "slipway:plugin/format@0.1.0"],
            ),
            Err("it exports both `target` and `format`: a component is one plugin"),
        );
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(matches!(describe(b"#!/bin/sh"), Err(Refusal::NotWasm(_))));
        assert!(matches!(describe(&[]), Err(Refusal::NotWasm(_))));
        let bare = wat::parse_str("(module)").unwrap();
        assert_eq!(from_wasm(bare), Err(Refusal::NoContract));
        assert_eq!(from_wasm(vec![0; SIZE + 1]), Err(Refusal::Big(SIZE + 1)));
        for other in ["", "#!/bin/sh"] {
            let refused = from_wasm(other.as_bytes().to_vec()).unwrap_err().to_string();
            assert_eq!(
                refused,
                "it is not a WebAssembly component: it does not begin like one"
            );
        }
    }
}
