//! What a component is made of, looked at before anything of it is compiled. A contract of plain calls needs little of
//! what components can do; the rest is where engines have their bugs, and is refused by its name.

use wasmparser::{CanonicalFunction, CanonicalOption, Encoding, Parser, Payload};

use crate::component::Refusal;

/// Components within components: a tool that composes makes two or three.
const DEPTH: usize = 16;
/// Modules and components in one.
const PARTS: usize = 1000;

pub(crate) fn check(component: &[u8]) -> Result<(), Refusal> {
    let broken = |error: wasmparser::BinaryReaderError| Refusal::NotWasm(error.to_string());
    let (mut depth, mut parts) = (0_usize, 0_usize);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(broken)? {
            Payload::Version {
                encoding: Encoding::Component | Encoding::Module,
                ..
            } => {
                (depth, parts) = (depth + 1, parts + 1);
                if depth > DEPTH || parts > PARTS {
                    return Err(Refusal::Nested);
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            // This reader stops where types are nested too deep. That of the engine does not: the stack of the program
            // would be used up.
            Payload::ComponentTypeSection(section) => {
                for declared in section {
                    declared.map_err(broken)?;
                }
            }
            Payload::CoreTypeSection(section) => {
                for declared in section {
                    declared.map_err(broken)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section {
                    plain(&function.map_err(broken)?)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn plain(function: &CanonicalFunction) -> Result<(), Refusal> {
    use CanonicalFunction::{Lift, Lower, ResourceDrop, ResourceNew, ResourceRep};
    match function {
        Lift { options, .. } | Lower { options, .. } => match options.iter().find_map(unwanted) {
            None => Ok(()),
            Some(what) => Err(Refusal::Unwanted(what.to_owned())),
        },
        ResourceDrop { .. } | ResourceNew { .. } | ResourceRep { .. } => Ok(()),
        other => {
            // The name without what belongs to it.
            let name = format!("{other:?}");
            let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
            Err(Refusal::Unwanted(format!(
                "the built-in function {}",
                &name[..end]
            )))
        }
    }
}

fn unwanted(option: &CanonicalOption) -> Option<&'static str> {
    match option {
        CanonicalOption::UTF8
        | CanonicalOption::Memory(_)
        | CanonicalOption::Realloc(_)
        | CanonicalOption::PostReturn(_) => None,
        CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => Some("strings that are not UTF-8"),
        CanonicalOption::Async | CanonicalOption::Callback(_) => Some("asynchronous calls"),
        CanonicalOption::CoreType(_) | CanonicalOption::Gc => Some("values that are collected"),
    }
}
