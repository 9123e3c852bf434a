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
pub fn server_program() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = here.join("../target/cluster");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let program = folder.join("server");
        // The compiler's own files are beside what it makes: others may be making it as well.
        let own = tempfile::tempdir_in(&folder).expect("a folder can be made");
        let unfinished = own.path().join("server");
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

/// The test's web server, or another program, as an image with variables (`NAME=VALUE`) at `host:port/repository:tag`,
/// where `login` (`USER:PASSWORD`) lets one in.
pub fn push_image(reference: &str, program: Option<&[u8]>, variables: &[&str], login: Option<&str>) {
    let served = || fs::read(server_program()).expect("the program can be read");
    let program = program.map_or_else(served, <[u8]>::to_vec);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let archive = folder.path().join("image.tar");
    image_archive(&archive, "server", &program, variables);
    output(
        Command::new(installed("skopeo", "skopeo"))
            .args(["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"])
            .args(login.iter().flat_map(|login| ["--dest-creds", login]))
            .arg(format!("docker-archive:{}", archive.display()))
            .arg(format!("docker://{reference}")),
    );
}

/// The file that `docker save` would write of an image with one program as `/bin/<name>`.
pub fn image_archive(archive: &Path, name: &str, program: &[u8], variables: &[&str]) {
    let layer = tar(&[(&format!("bin/{name}"), program, 0o755)]);
    let hex: String = Sha256::digest(&layer)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let config = json!({
        "architecture": architecture(),
        "os": "linux",
        "config": { "Entrypoint": [format!("/bin/{name}")], "Env": variables },
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
