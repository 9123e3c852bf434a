//! The contract that a core module carries, looked at before a library makes a component of it: the library trusts
//! what it reads there, and goes round and round in packages that need each other, until the stack of the program is
//! used up. A contract of ours is of one package, and that one needs no other.

use wasmparser::{
    BinaryReaderError, ComponentType, ComponentTypeDeclaration, InstanceTypeDeclaration, Parser, Payload,
};

/// Custom sections of this name hold it.
const SECTION: &str = "component-type";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsound {
    #[error("{0}")]
    Unreadable(String),
    #[error("its contract is of `{one}` and of `{other}`, and a contract is of one package")]
    SeveralPackages { one: String, other: String },
}

impl From<BinaryReaderError> for Unsound {
    fn from(error: BinaryReaderError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Does it carry one, and is that sound?
pub(crate) fn carried(module: &[u8]) -> Result<bool, Unsound> {
    let mut package = None;
    let mut found = false;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload?
            && section.name().starts_with(SECTION)
        {
            found = true;
            one_package(section.data(), &mut package)?;
        }
    }
    Ok(found)
}

fn one_package(contract: &[u8], package: &mut Option<String>) -> Result<(), Unsound> {
    for payload in Parser::new(0).parse_all(contract) {
        match payload? {
            Payload::ComponentTypeSection(section) => {
                for of_section in section {
                    in_type(&of_section?, package)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    named(&import?.name.full_name(), package)?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    named(&export?.name.full_name(), package)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Types are nested in each other no deeper than the reader allows.
fn in_type(of: &ComponentType<'_>, package: &mut Option<String>) -> Result<(), Unsound> {
    match of {
        ComponentType::Component(declarations) => {
            for declaration in declarations {
                match declaration {
                    ComponentTypeDeclaration::Type(nested) => in_type(nested, package)?,
                    ComponentTypeDeclaration::Import(import) => named(&import.name.full_name(), package)?,
                    ComponentTypeDeclaration::Export { name, .. } => named(&name.full_name(), package)?,
                    ComponentTypeDeclaration::CoreType(_) | ComponentTypeDeclaration::Alias(_) => {}
                }
            }
        }
        ComponentType::Instance(declarations) => {
            for declaration in declarations {
                match declaration {
                    InstanceTypeDeclaration::Type(nested) => in_type(nested, package)?,
                    InstanceTypeDeclaration::Export { name, .. } => named(&name.full_name(), package)?,
                    InstanceTypeDeclaration::CoreType(_) | InstanceTypeDeclaration::Alias(_) => {}
                }
            }
        }
        ComponentType::Defined(_) | ComponentType::Func(_) | ComponentType::Resource { .. } => {}
    }
    Ok(())
}

/// `PACKAGE/INTERFACE@VERSION` is of a package; a plain name is of none.
fn named(name: &str, package: &mut Option<String>) -> Result<(), Unsound> {
    let Some((path, interface)) = name.split_once('/') else {
        return Ok(());
    };
    let version = interface.split_once('@').map_or("", |(_, version)| version);
    let of_name = format!("{path}@{version}");
    match package {
        Some(one) if *one != of_name => Err(Unsound::SeveralPackages {
            one: one.clone(),
            other: of_name,
        }),
        Some(_) => Ok(()),
        None => {
            *package = Some(of_name);
            Ok(())
        }
    }
}
