//! `render DIR [FOLDER]`: what the files of a folder become, for looking at it and for timing it beside kustomize.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use slipway_format_kubernetes::{Files, build, print};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), root) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: render DIR [FOLDER]");
        return ExitCode::from(2);
    };
    let mut files = Files::default();
    if let Err(error) = read(Path::new(&folder), Path::new(&folder), &mut files) {
        eprintln!("{folder}: {error}");
        return ExitCode::FAILURE;
    }
    match build(&files, &root.unwrap_or_default()).and_then(|manifests| print(&manifests)) {
        Ok(text) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}

fn read(folder: &Path, root: &Path, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, root, files)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}
