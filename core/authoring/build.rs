//! Embeds what a new project is made of: the contract, and for each language its guest kit and a template for each kind of
//! plugin; and the little system that a module in Go is given.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// What runs and tests leave behind.
const LEFT: [&str; 4] = ["__pycache__", "node_modules", ".build", ".venv"];

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let mut list = String::new();
    let mut embed = |name: &str, folder: &str| embed(&mut list, name, &root.join(folder));
    embed("CONTRACT", "sdk/wit/slipway-plugin@0.1.0");
    embed("PLATFORM", "plugins/templates/example");
    embed("RUST_KIT", "sdk/rust/src");
    embed("PYTHON_KIT", "sdk/python/slipway_sdk");
    embed("JS_KIT", "sdk/js/src");
    embed("GO_KIT", "sdk/go");
    for kind in ["format", "target", "router", "check"] {
        for (language, below) in [("rust", "/src"), ("python", ""), ("js", ""), ("go", "")] {
            let name = format!("{language}_{kind}").to_uppercase();
            embed(&name, &format!("plugins/templates/{language}/{kind}{below}"));
        }
    }
    fs::write(out.join("sources.rs"), list).expect("the output folder can be written to");
    let system = wat::parse_file(root.join("sdk/go/closed-wasi.wat")).expect("it is WebAssembly text");
    fs::write(out.join("closed-wasi.wasm"), system).expect("the output folder can be written to");
}

/// A constant of all files below a folder: their paths in it, with `/`, and what they hold.
fn embed(list: &mut String, name: &str, folder: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let mut line = |text: String| writeln!(list, "{text}").expect("writing to a text cannot fail");
    line(format!("pub(crate) const {name}: &[(&str, &str)] = &["));
    for file in files {
        let path = file.strip_prefix(folder).expect("it was found below");
        let path = path
            .to_str()
            .expect("sources have plain names")
            .replace('\\', "/");
        line(format!("    ({path:?}, include_str!({file:?})),"));
    }
    line("];".to_owned());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be read").path();
        if path.is_file() {
            files.push(path);
        } else if !LEFT.iter().any(|name| path.ends_with(name)) {
            collect(&path, files);
        }
    }
}
