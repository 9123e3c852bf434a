//! The header for plugins in C is kept in the repository. This test makes it again from the contract and compares; `BLESS=1
//! cargo test -p slipway-xtask` writes it.

use std::{fmt::Write as _, path::Path};

use wit_bindgen_core::wit_parser::{
    Docs, Function, FunctionKind, Handle, Interface, Resolve, Type, TypeDefKind, TypeId, WorldItem,
};

const HEADER: &str = include_str!("header.h");
const WORLDS: [&str; 4] = ["format-plugin", "target-plugin", "router-plugin", "check-plugin"];

#[test]
fn the_header_is_that_of_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("sdk/c/slipway_plugin.h");
    let expected = header(&root.join("sdk/wit/slipway-plugin@0.1.0"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, expected).expect("the header can be written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{} is not what the contract makes: run BLESS=1 cargo test -p slipway-xtask",
        path.display()
    );
}

fn header(contract: &Path) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(contract).expect("the contract parses");
    let mut text = String::new();
    let mut written = Vec::new();
    for world in WORLDS {
        let world = resolve
            .select_world(&[package], Some(world))
            .expect("the world exists");
        let world = &resolve.worlds[world];
        for (item, is_plugin) in world
            .imports
            .values()
            .map(|item| (item, false))
            .chain(world.exports.values().map(|item| (item, true)))
        {
            let WorldItem::Interface { id, .. } = item else {
                continue;
            };
            if !written.contains(id) {
                written.push(*id);
                interface(&mut text, &resolve, &resolve.interfaces[*id], is_plugin);
            }
        }
    }
    HEADER.replace("/* CONTRACT */\n", text.trim_start())
}

fn interface(text: &mut String, resolve: &Resolve, interface: &Interface, is_plugin: bool) {
    let name = interface.name.as_deref().unwrap_or_default();
    let whose = match is_plugin {
        true => format!("The verbs of a {name}, which the plugin carries out."),
        false => format!("`{name}`, asked of the host."),
    };
    let whose = if name == "types" {
        "What all of them speak."
    } else {
        &whose
    };
    write!(text, "\n/* {}\n", "-".repeat(112)).expect("a string takes all");
    lines(text, whose);
    docs(text, &interface.docs);
    text.push_str(" */\n");
    for (_, id) in &interface.types {
        definition(text, resolve, (name, *id));
    }
    for function in interface.functions.values() {
        called(text, resolve, (name, is_plugin), function);
    }
}

fn definition(text: &mut String, resolve: &Resolve, (interface, id): (&str, TypeId)) {
    let of = &resolve.types[id];
    let name = of.name.as_deref().unwrap_or_default();
    let meaning = match &of.kind {
        TypeDefKind::Record(record) => {
            let fields = record
                .fields
                .iter()
                .map(|field| format!("{}: {}", field.name, shape(resolve, &field.ty)));
            format!("[{}]", fields.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Enum(cases) => {
            let cases = cases
                .cases
                .iter()
                .map(|case| (case.name.as_str(), &case.docs, None));
            return numbered(text, resolve, (interface, name, &of.docs), cases);
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter();
            let cases = cases.map(|case| (case.name.as_str(), &case.docs, case.ty));
            return numbered(text, resolve, (interface, name, &of.docs), cases);
        }
        // Of another interface, where it stands already.
        TypeDefKind::Type(Type::Id(_)) => return,
        TypeDefKind::Type(other) => shape(resolve, other),
        other => panic!(
            "the contract has a {} by name, which this knows nothing of",
            other.as_str()
        ),
    };
    text.push_str("\n/*\n");
    docs(text, &of.docs);
    if let TypeDefKind::Record(record) = &of.kind {
        for field in record.fields.iter().filter(|field| field.docs.contents.is_some()) {
            lines(text, &format!("{}:", field.name));
            docs(text, &field.docs);
        }
    }
    lines(text, &format!("{interface}.{name} = {meaning}"));
    text.push_str(" */\n");
}

fn numbered<'a>(
    text: &mut String,
    resolve: &Resolve,
    (interface, name, about): (&str, &str, &Docs),
    cases: impl Iterator<Item = (&'a str, &'a Docs, Option<Type>)>,
) {
    text.push_str("\n/*\n");
    docs(text, about);
    lines(
        text,
        &format!("{interface}.{name} = the number of a case, or [it, what it holds]"),
    );
    text.push_str(" */\n");
    writeln!(
        text,
        "enum slipway_{} {{",
        constant(&[interface, name]).to_lowercase()
    )
    .expect("a string takes all");
    for (number, (case, about, holds)) in cases.enumerate() {
        let holds = holds.map(|holds| format!(" holds {}", shape(resolve, &holds)));
        let about = about
            .contents
            .as_deref()
            .unwrap_or_default()
            .trim()
            .replace('\n', " ");
        let remark = format!("{about}{}", holds.unwrap_or_default());
        let remark = if remark.is_empty() {
            remark
        } else {
            format!(" /* {} */", remark.trim())
        };
        let case = constant(&[interface, name, case]);
        writeln!(text, "    SLIPWAY_{case} = {number},{remark}").expect("a string takes all");
    }
    text.push_str("};\n");
}

fn called(text: &mut String, resolve: &Resolve, (interface, is_plugin): (&str, bool), function: &Function) {
    assert!(
        matches!(function.kind, FunctionKind::Freestanding),
        "the contract has no resources"
    );
    let name = &function.name;
    let arguments = function
        .params
        .iter()
        .map(|param| format!("{}: {}", param.name, shape(resolve, &param.ty)));
    let arguments: Vec<_> = arguments.collect();
    let answer = function
        .result
        .as_ref()
        .map_or("[]".to_owned(), |answer| shape(resolve, answer));
    text.push_str("\n/*\n");
    docs(text, &function.docs);
    lines(text, &format!("in:  [{}]", arguments.join(", ")));
    lines(text, &format!("out: {answer}"));
    text.push_str(" */\n");
    let (constant, operation) = match is_plugin {
        true => (constant(&[interface, "verb", name]), name.clone()),
        false => (constant(&[interface, name]), format!("{interface}.{name}")),
    };
    writeln!(text, "#define SLIPWAY_{constant} \"{operation}\"").expect("a string takes all");
}

fn shape(resolve: &Resolve, of: &Type) -> String {
    let optional = |of: &Option<Type>| of.as_ref().map_or("[]".to_owned(), |of| shape(resolve, of));
    let id = match of {
        Type::String => return "text".to_owned(),
        Type::Id(id) => *id,
        Type::Bool => return "bool".to_owned(),
        Type::U8 => return "u8".to_owned(),
        Type::U16 => return "u16".to_owned(),
        Type::U32 => return "u32".to_owned(),
        Type::U64 => return "u64".to_owned(),
        Type::S32 => return "s32".to_owned(),
        Type::S64 => return "s64".to_owned(),
        Type::F64 => return "f64".to_owned(),
        other => panic!("the contract has a {other:?}, which this knows nothing of"),
    };
    let of = &resolve.types[id];
    match &of.kind {
        TypeDefKind::List(Type::U8) => "bytes".to_owned(),
        TypeDefKind::List(of) => format!("list<{}>", shape(resolve, of)),
        TypeDefKind::Option(of) => format!("option<{}>", shape(resolve, of)),
        TypeDefKind::Result(of) => format!("result<{}, {}>", optional(&of.ok), optional(&of.err)),
        TypeDefKind::Tuple(of) => {
            let parts: Vec<_> = of.types.iter().map(|of| shape(resolve, of)).collect();
            format!("[{}]", parts.join(", "))
        }
        TypeDefKind::Type(Type::Id(other)) => shape(resolve, &Type::Id(*other)),
        TypeDefKind::Handle(Handle::Own(_) | Handle::Borrow(_)) => panic!("the contract has no resources"),
        _ => {
            let wit_bindgen_core::wit_parser::TypeOwner::Interface(interface) = of.owner else {
                panic!("the contract's types are in interfaces");
            };
            let interface = resolve.interfaces[interface].name.as_deref().unwrap_or_default();
            format!("{interface}.{}", of.name.as_deref().unwrap_or_default())
        }
    }
}

fn docs(text: &mut String, docs: &Docs) {
    lines(text, docs.contents.as_deref().unwrap_or_default().trim());
}

fn lines(text: &mut String, lines: &str) {
    for line in lines.lines() {
        assert!(!line.contains("*/"), "this would end the comment: {line}");
        writeln!(text, " * {}", line.trim_end()).expect("a string takes all");
    }
}

fn constant(parts: &[&str]) -> String {
    parts.join("_").replace('-', "_").to_uppercase()
}
