//! Programs and packed files that tests need.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use flate2::{Compression, write::GzEncoder};

/// Said by whoever runs all tests: their programs were built with them. What is built here is what is shipped; built with
/// tests it has what their libraries ask of it besides, and half of the workspace need not be built twice.
const BUILT: &str = "SLIPWAY_PROGRAMS_BUILT";

/// A program of this workspace, built if it is not.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        if std::env::var_os(BUILT).is_none() {
            build();
        }
        let me = std::env::current_exe().expect("a test knows its own file");
        let folder = me.parent().expect("a file is in a folder");
        // Tests lie one folder below the programs.
        if folder.ends_with("deps") {
            folder.parent().unwrap_or(folder)
        } else {
            folder
        }
        .to_path_buf()
    });
    folder.join(name)
}

fn build() {
    let packages = ["-p", "slipway-cli", "-p", "slipway-shop", "-p", "slipway-tests"];
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--bins"])
        .args(packages)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo says of the test's own package. Build scripts that look at it, such as ring's, would run again, and
    // half of the workspace be built anew, here and then once more by whoever builds next.
    let said = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| said(name)) {
        build.env_remove(name);
    }
    let status = build.status().expect("cargo runs, since it runs this test");
    assert!(status.success(), "the programs of the workspace do not build");
}

/// The component of a plugin that is there for tests.
pub fn fixture(name: &str) -> Vec<u8> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/fixtures");
    std::fs::read(built.join(format!("{name}.wasm")))
        .unwrap_or_else(|error| panic!("{name}.wasm: {error}; run `cargo xtask build-plugins` first"))
}

/// A program of the machine, or how to get it.
pub fn installed(name: &str, package: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&paths).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders
        .map(|folder: PathBuf| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} is not installed: apt-get install --no-install-recommends {package}")
    })
}

/// Packs files under the paths they shall have; texts and programs alike.
pub fn tarball(into: &Path, files: &[(&str, &[u8], u32)]) {
    std::fs::create_dir_all(into.parent().expect("a tarball is in a folder")).expect("a folder can be made");
    let file = std::fs::File::create(into).expect("a tarball can be written");
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    for (path, bytes, mode) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        tar.append_data(&mut header, path, *bytes)
            .expect("a tarball can be written");
    }
    tar.into_inner()
        .and_then(GzEncoder::finish)
        .expect("a tarball can be written");
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    listener.local_addr().expect("a listener has an address").port()
}
