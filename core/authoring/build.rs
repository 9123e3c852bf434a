//! Embeds what a new project is made of: the guest kit, and a template for each kind of plugin.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let mut list = String::new();
    embed(&mut list, "KIT", &root.join("sdk/rust/src"));
    for kind in ["format", "target", "router", "check"] {
        let folder = root.join("plugins/templates").join(kind);
        embed(&mut list, &kind.to_uppercase(), &folder.join("src"));
    }
    embed(
        &mut list,
        "PLATFORM",
        &root.join("plugins/templates/target/example"),
    );
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("sources.rs"), list).expect("the output folder can be written to");
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
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
