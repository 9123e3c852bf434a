//! Embeds the plugins that `cargo xtask build-plugins` has made into the program.

use std::{env, fmt::Write as _, fs, path::Path};

/// Kind and name of every plugin that ships inside the program.
const PLUGINS: [(&str, &str); 10] = [
    ("check", "alerts"),
    ("format", "container"),
    ("format", "kubernetes"),
    ("format", "tarball"),
    ("router", "embedded"),
    ("router", "gateway"),
    ("router", "kubernetes-service"),
    ("router", "nginx"),
    ("target", "kubernetes"),
    ("target", "machine"),
];

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let folder = root.join("target/plugins");
    let mut list = String::from("&[\n");
    for (kind, name) in PLUGINS {
        let [component, precompiled] = ["wasm", "cwasm"].map(|extension| {
            let path = folder.join(format!("{kind}-{name}.{extension}"));
            println!("cargo::rerun-if-changed={}", path.display());
            if !path.is_file() {
                println!("cargo::error=the plugins are not built yet: run `cargo xtask build-plugins` first");
            }
            path
        });
        let variant = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
        writeln!(
            list,
            "    Embedded {{ kind: Kind::{variant}, name: {name:?}, component: include_bytes!({component:?}), \
             precompiled: include_bytes!({precompiled:?}) }},"
        )
        .expect("writing to a text cannot fail");
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("plugins.rs"), list).expect("the output folder can be written to");
}
