//! What a native library is, read from its bytes before anything of it is loaded: its machine, and the symbol that says for
//! what it is and which contract it was built for.

use object::{
    Endianness, Object as _, ObjectSymbol as _,
    elf::{EM_386, EM_AARCH64, EM_ARM, EM_RISCV, EM_X86_64, ET_DYN, FileHeader32, FileHeader64},
    read::elf::{ElfFile, ElfFile64, FileHeader},
};
use slipway_plugin::{Kind, Profile};

use crate::{
    component::{Description, Refusal},
    grants::{CAPABILITIES, Grants},
};

const MAGIC: &[u8] = b"\x7fELF";
/// How libraries begin elsewhere: of macOS, in all its ways, and of Windows.
const OTHERS: [(&[u8], &str); 6] = [
    (&[0xcf, 0xfa, 0xed, 0xfe], "macOS"),
    (&[0xce, 0xfa, 0xed, 0xfe], "macOS"),
    (&[0xfe, 0xed, 0xfa, 0xcf], "macOS"),
    (&[0xfe, 0xed, 0xfa, 0xce], "macOS"),
    (&[0xca, 0xfe, 0xba, 0xbe], "macOS"),
    (b"MZ", "Windows"),
];
/// What this host speaks: 0.1.x.
const SPOKEN: (u64, u64) = (0, 1);

const HERE: &str = std::env::consts::ARCH;

/// Whether the bytes are meant to be a native library, of whatever machine.
pub(crate) fn is_library(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || OTHERS.iter().any(|(magic, _)| bytes.starts_with(magic))
}

/// Without `grants` it may ask for what its kind is granted.
pub(crate) fn describe(bytes: &[u8], grants: Option<&Grants>) -> Result<Description, Refusal> {
    let (kind, (major, minor)) = entry(bytes)?;
    let grants = grants.cloned().unwrap_or_else(|| Grants::for_kind(kind));
    let may = CAPABILITIES.into_iter().filter(|name| grants.allow(name));
    Ok(Description {
        kind,
        contract: format!("{major}.{minor}.0"),
        imports: may.map(str::to_owned).collect(),
        profile: Profile::Native,
    })
}

/// The name of the symbol that a library of a kind has.
pub(super) fn symbol(kind: Kind) -> String {
    let (major, minor) = SPOKEN;
    format!("slipway_{}_{major}_{minor}", kind.name())
}

fn entry(bytes: &[u8]) -> Result<(Kind, (u64, u64)), Refusal> {
    let elsewhere = |found: &str| Refusal::Elsewhere {
        found: found.to_owned(),
        here: HERE,
    };
    if let Some((_, system)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(elsewhere(system));
    }
    let broken = |error: object::Error| Refusal::NotNative(error.to_string());
    if bytes.get(4) == Some(&1) {
        let file = ElfFile::<FileHeader32<Endianness>>::parse(bytes).map_err(broken)?;
        let header = file.elf_header();
        return Err(elsewhere(machine(header.e_machine(file.endian()))));
    }
    let file: ElfFile64<'_> = ElfFile::<FileHeader64<Endianness>>::parse(bytes).map_err(broken)?;
    let found = machine(file.elf_header().e_machine(file.endian()));
    if found != HERE {
        return Err(elsewhere(found));
    }
    if file.elf_header().e_type(file.endian()) != ET_DYN {
        return Err(Refusal::NotNative("it is no shared library".to_owned()));
    }
    let mut entries = Vec::new();
    for symbol in file.dynamic_symbols().filter(|symbol| symbol.is_definition()) {
        entries.extend(symbol.name().ok().and_then(meaning));
    }
    entries.sort();
    match entries[..] {
        [] => Err(Refusal::NoSymbol),
        [(kind, version)] => match version.cmp(&SPOKEN) {
            std::cmp::Ordering::Less => Err(Refusal::Older(format!("{}.{}", version.0, version.1))),
            std::cmp::Ordering::Greater => Err(Refusal::Newer(format!("{}.{}", version.0, version.1))),
            std::cmp::Ordering::Equal => Ok((kind, version)),
        },
        [(one, _), .., (other, _)] => Err(Refusal::SeveralKinds(one.name(), other.name())),
    }
}

/// `slipway_target_0_1`
fn meaning(symbol: &str) -> Option<(Kind, (u64, u64))> {
    let mut words = symbol.strip_prefix("slipway_")?.split('_');
    let kinds = [Kind::Format, Kind::Target, Kind::Router, Kind::Check];
    let word = words.next()?;
    let kind = kinds.into_iter().find(|kind| kind.name() == word)?;
    let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some((kind, version))
}

/// As Rust names it.
fn machine(number: u16) -> &'static str {
    match number {
        EM_X86_64 => "x86_64",
        EM_AARCH64 => "aarch64",
        EM_RISCV => "riscv64",
        EM_386 => "x86",
        EM_ARM => "arm",
        _ => "another machine",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_says_what_a_library_is_for() {
        for (symbol, expected) in [
            ("slipway_target_0_1", Some((Kind::Target, (0, 1)))),
            ("slipway_check_2_0", Some((Kind::Check, (2, 0)))),
            ("slipway_target_0", None),
            ("slipway_target_0_1_0", None),
            ("slipway_fridge_0_1", None),
            ("malloc", None),
        ] {
            assert_eq!(meaning(symbol), expected, "{symbol}");
        }
        assert_eq!(meaning(&symbol(Kind::Format)), Some((Kind::Format, SPOKEN)));
    }

    #[test]
    fn what_is_no_library_of_here_is_told_of() {
        let check = |bytes: &[u8], expected: &str| {
            assert!(is_library(bytes));
            let refused = describe(bytes, None).unwrap_err().to_string();
            assert!(refused.starts_with(expected), "{refused}");
        };
        check(
            b"MZ\x90",
            "it is a native library for Windows, and this slipway runs on ",
        );
        check(
            &[0xcf, 0xfa, 0xed, 0xfe, 7],
            "it is a native library for macOS, and this slipway runs on ",
        );
        check(b"\x7fELF", "it is not a native library: ");
        check(&[MAGIC, &[2; 200]].concat(), "it is not a native library: ");
        assert!(!is_library(b"\0asm"));
    }
}
