//! What those who write plugins have on their machines: compilers from PyPI and npm, got once for all projects of the tests,
//! and each language's own commands.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use slipway_authoring::Go;

use crate::installed;

/// Those that a plugin can be written in here: Go is not on every machine.
pub fn languages() -> Vec<&'static str> {
    let mut languages = vec!["rust", "python", "js"];
    languages.extend(Go::present().map(|_| "go"));
    languages
}

/// The compiler stands beside the project, as its README has it installed there.
pub fn equip(language: &str, project: &Path) {
    match language {
        "python" => {
            let about = fs::read_to_string(project.join("pyproject.toml")).expect("a project of Python");
            let (_, rest) = about.split_once("\"componentize-py==").expect("its compiler");
            let (version, _) = rest.split_once('"').expect("the compiler's version");
            let venv = once(&format!("componentize-py-{version}"), |venv| {
                must(
                    Command::new(installed("python3", "python3"))
                        .args(["-m", "venv"])
                        .arg(venv),
                );
                let pip = venv.join("bin/pip");
                must(Command::new(pip).args(["install", "--quiet", &format!("componentize-py=={version}")]));
            });
            symlink(venv, project.join(".venv")).expect("a link");
        }
        "js" => {
            let about = fs::read_to_string(project.join("package.json")).expect("a project of JavaScript");
            let (_, rest) = about
                .split_once("\"componentize-qjs\": \"")
                .expect("its compiler");
            let (version, _) = rest.split_once('"').expect("the compiler's version");
            let folder = once(&format!("componentize-qjs-{version}"), |folder| {
                let package = format!("{{ \"dependencies\": {{ \"componentize-qjs\": \"{version}\" }} }}");
                fs::write(folder.join("package.json"), package).expect("a package");
                must(
                    Command::new(installed("npm", "npm"))
                        .current_dir(folder)
                        .args(["install", "--silent"]),
                );
            });
            symlink(folder.join("node_modules"), project.join("node_modules")).expect("a link");
        }
        _ => {}
    }
}

/// The project's own tests, by the command that its README names. Answers what they say.
pub fn own_tests(language: &str, project: &Path) -> String {
    let (program, arguments): (_, &[&str]) = match language {
        "rust" => ("cargo", &["test", "--quiet", "--offline"]),
        "python" => ("python3", &["-B", "-m", "unittest"]),
        "js" => ("npm", &["test", "--silent"]),
        _ => ("go", &["test", "./..."]),
    };
    let mut command = Command::new(program);
    command
        .current_dir(project)
        .env("CARGO_TARGET_DIR", built_once())
        .args(arguments);
    must(&mut command)
}

/// What all projects in Rust need is compiled once, and found by the next test as well.
pub fn built_once() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tests/projects")
}

/// Filled by whoever comes first; the others wait.
fn once(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tests/authors");
    fs::create_dir_all(&all).expect("a folder");
    let all = fs::canonicalize(all).expect("it was made");
    let lock = File::create(all.join(format!("{name}.lock"))).expect("a file");
    lock.lock().expect("it is waited for");
    let (folder, whole) = (all.join(name), all.join(format!("{name}.whole")));
    if !whole.exists() {
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).expect("a folder");
        fill(&folder);
        fs::write(whole, "").expect("a file");
    }
    folder
}

fn must(command: &mut Command) -> String {
    let ran = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(ran.status.success(), "{command:?}: {said}");
    said
}
