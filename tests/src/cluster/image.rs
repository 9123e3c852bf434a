//! An image of one static program, made without any builder of images and pushed by a peer, `skopeo`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::up::output;
use crate::installed;

/// The test's web server, compiled once.
pub(super) fn server() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = here.join("../target/cluster");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let program = folder.join("server");
        let unfinished = folder.join(format!("server.{}", std::process::id()));
        // Debian has the static C library in libc6-dev, which every Rust toolchain there needs; Fedora in glibc-static.
        output(
            Command::new("rustc")
                .args([
                    "--edition",
                    "2024",
                    "-O",
                    "-C",
                    "target-feature=+crt-static",
                    "-C",
                    "strip=symbols",
                ])
                .arg(here.join("cluster/server.rs"))
                .arg("-o")
                .arg(&unfinished),
        );
        fs::rename(&unfinished, &program).expect("a file can be renamed");
        program
    };
    BUILT.get_or_init(build).clone()
}

/// The program as `/bin/<name>` of an image of its own, at `host:port/repository:tag`.
pub(super) fn push(program: &Path, folder: &Path, reference: &str) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let archive = folder.join("image.tar");
    let name = program
        .file_name()
        .expect("a program has a name")
        .to_string_lossy();
    let bytes = fs::read(program).expect("the program can be read");
    image_archive(&archive, &name, &bytes);
    output(
        Command::new(installed("skopeo", "skopeo"))
            .args(["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"])
            .arg(format!("docker-archive:{}", archive.display()))
            .arg(format!("docker://{reference}")),
    );
    fs::remove_file(archive).expect("a file can be removed");
}

/// The file that `docker save` would write of an image with one program.
pub fn image_archive(archive: &Path, name: &str, program: &[u8]) {
    let layer = tar(&[(&format!("bin/{name}"), program, 0o755)]);
    let hex: String = Sha256::digest(&layer)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let config = json!({
        "architecture": architecture(),
        "os": "linux",
        "config": { "Entrypoint": [format!("/bin/{name}")] },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{hex}")] }
    });
    let manifest = json!([{ "Config": "config.json", "RepoTags": [], "Layers": ["layer.tar"] }]);
    let (manifest, config) = (manifest.to_string(), config.to_string());
    let files: [(&str, &[u8], u32); 3] = [
        ("manifest.json", manifest.as_bytes(), 0o644),
        ("config.json", config.as_bytes(), 0o644),
        ("layer.tar", &layer, 0o644),
    ];
    fs::write(archive, tar(&files)).expect("a file can be written");
}

/// As images call it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn tar(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes, mode) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        tar.append_data(&mut header, path, *bytes)
            .expect("memory can be written to");
    }
    tar.into_inner().expect("memory can be written to")
}
