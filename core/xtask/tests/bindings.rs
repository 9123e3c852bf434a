//! Bindings are kept in the repository, those of the guest kit and those of the plugins in Go, so that no plugin build
//! runs a generator. This test generates them again from the contract and compares; `BLESS=1 cargo test -p
//! slipway-xtask` writes them.

use std::path::Path;

use wit_bindgen_core::{Files, WorldGenerator as _, wit_parser::Resolve};
use wit_bindgen_rust::{Opts, WithOption};

/// Shared by the worlds of plugins; each world's own bindings refer to those of the first.
const CAPABILITIES: [&str; 11] = [
    "types", "log", "progress", "files", "blobs", "http", "exec", "registry", "clock", "state", "lookup",
];

/// What the kit's values need besides, where it is built for native libraries.
const NATIVE: &str = r#"#[cfg_attr(feature = "native", derive(serde::Serialize, serde::Deserialize))]"#;

#[test]
fn bindings_are_those_of_the_contract() {
    for (world, file) in [
        ("capabilities", "capabilities"),
        ("format-plugin", "format"),
        ("target-plugin", "target"),
        ("router-plugin", "router"),
        ("check-plugin", "check"),
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let path = root.join(format!("sdk/rust/src/bindings/{file}.rs"));
        let expected = generate(&root.join("sdk/wit/slipway-plugin@0.1.0"), world, file);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, expected).expect("bindings can be written");
            continue;
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} is not what the contract generates: run BLESS=1 cargo test -p slipway-xtask",
            path.display()
        );
    }
}

/// Those in Go belong to a plugin each, which keeps the packages that it imports.
#[test]
fn bindings_in_go_are_those_of_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (plugin, world) = ("plugins/formats/helm", "format-plugin");
    let kept = root.join(plugin).join("internal/bindings");
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(root.join("sdk/wit/slipway-plugin@0.1.0"))
        .expect("the contract parses");
    let world = resolve
        .select_world(&[package], Some(world))
        .expect("the world exists");
    let options = wit_bindgen_go::Opts {
        // As it is generated: not every machine has a gofmt.
        format: wit_bindgen_go::Format::False,
        pkg_name: Some(format!("slipway/{plugin}/internal/bindings")),
        quiet: true,
        ..wit_bindgen_go::Opts::default()
    };
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve, world, &mut files)
        .expect("bindings are generated");
    let mut compared = 0;
    for (name, expected) in files.iter() {
        let path = kept.join(name);
        let Ok(found) = std::fs::read(&path) else { continue };
        compared += 1;
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, expected).expect("bindings can be written");
            continue;
        }
        assert!(
            found == expected,
            "{} is not what the contract generates: run BLESS=1 cargo test -p slipway-xtask",
            path.display()
        );
    }
    assert!(compared > 4, "the bindings are not where they were");
}

/// Those of the guest kit in Go: one set for all worlds. They are only for wasm, which their names say, so that a plugin's tests
/// need none of them; and what they need at run time is in the kit.
#[test]
fn bindings_of_the_kit_in_go_are_those_of_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kept = root.join("sdk/go/internal/bindings");
    let mut compared = 0;
    for kind in ["format", "target", "router", "check"] {
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(root.join("sdk/wit/slipway-plugin@0.1.0"))
            .expect("the contract parses");
        let world = resolve
            .select_world(&[package], Some(&format!("{kind}-plugin")))
            .expect("the world exists");
        let options = wit_bindgen_go::Opts {
            format: wit_bindgen_go::Format::False,
            pkg_name: Some("slipway/internal/bindings".to_owned()),
            quiet: true,
            ..wit_bindgen_go::Opts::default()
        };
        let mut files = Files::default();
        options
            .build()
            .generate(&mut resolve, world, &mut files)
            .expect("bindings are generated");
        for (name, text) in files.iter() {
            // `empty.s` is for what is built for something else than wasm.
            let Some(name) = name.strip_suffix(".go") else {
                continue;
            };
            let name = name.replace("exports/wit_exports/", &format!("exports/{kind}/"));
            let path = kept.join(format!("{name}_wasm.go"));
            let text = std::str::from_utf8(text).expect("bindings are text");
            let expected = text.replace("go.bytecodealliance.org/pkg", "slipway");
            compared += 1;
            if std::env::var_os("BLESS").is_some() {
                std::fs::create_dir_all(path.parent().expect("it is in a folder"))
                    .expect("folders can be made");
                std::fs::write(&path, expected).expect("bindings can be written");
                continue;
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == expected,
                "{} is not what the contract generates: run BLESS=1 cargo test -p slipway-xtask",
                path.display()
            );
        }
    }
    assert!(compared > 40, "too few bindings are generated");
}

fn generate(contract: &Path, world: &str, file: &str) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(contract).expect("the contract parses");
    let world_id = resolve
        .select_world(&[package], Some(world))
        .expect("the world exists");
    let mut options = Opts {
        format: true,
        generate_all: true,
        additional_derive_attributes: vec!["PartialEq".to_owned()],
        default_bindings_module: Some(format!("$crate::bindings::{file}")),
        export_macro_name: Some(format!("export_{file}")),
        pub_export_macro: true,
        ..Opts::default()
    };
    if world != "capabilities" {
        options.with = CAPABILITIES.map(shared).to_vec();
    }
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve, world_id, &mut files)
        .expect("bindings are generated");
    let (_, content) = files.iter().next().expect("one file is generated");
    let content = std::str::from_utf8(content).expect("bindings are text");
    let content = native(content);
    format!(
        "//! Generated from the contract, world `{world}`; a test keeps it so. Not edited by hand.\n\n{content}"
    )
}

/// Values go over a pipe where the plugin is a native library. The generator knows no attributes but derives.
fn native(bindings: &str) -> String {
    let lines = bindings.lines().map(|line| {
        let (code, indent) = (line.trim_start(), line.len() - line.trim_start().len());
        let is_value = code.starts_with("#[derive(") && code.contains("PartialEq");
        let serde = is_value.then(|| format!("{:indent$}{NATIVE}\n", ""));
        format!("{}{line}\n", serde.unwrap_or_default())
    });
    lines.collect()
}

fn shared(interface: &str) -> (String, WithOption) {
    let module = format!("crate::bindings::capabilities::slipway::plugin::{interface}");
    (
        format!("slipway:plugin/{interface}@0.1.0"),
        WithOption::Path(module),
    )
}
