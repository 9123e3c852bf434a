//! Reads manifests with all that they depend on: each once, however many lead to it and however deep it lies.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Component, Path, PathBuf},
    vec,
};

use slipway_manifest::{Dependency, has_errors};
use slipway_model::{Diagnostic, Severity};

use super::{Invalid, Project, identity, manifest_in};

/// What came of reading manifests, and everything that is wrong with them at once.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Those without errors of their own, each after the ones that it depends on.
    pub projects: Vec<Project>,
    /// Those that were asked for, by [`Project::identity`].
    pub asked: BTreeSet<PathBuf>,
    /// How many manifests there were to be read.
    pub manifests: usize,
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics are about.
    pub sources: Vec<(PathBuf, String)>,
}

impl Loaded {
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// The projects, if none of them has errors; of a single one that was asked for, it is the last.
    pub fn sound(mut self) -> Result<Vec<Project>, Invalid> {
        if !self.has_errors() {
            return Ok(self.projects);
        }
        self.diagnostics
            .retain(|diagnostic| diagnostic.severity == Severity::Error);
        Err(Invalid {
            diagnostics: self.diagnostics,
            sources: self.sources,
        })
    }
}

impl Project {
    /// Each path is a manifest or its folder. For a single one the last project of the answer is the one asked for.
    pub fn load<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Loaded {
        let mut loader = Loader::default();
        for path in paths {
            loader.load(path.as_ref());
        }
        loader.loaded
    }
}

/// Walks down the dependencies without recursion: a chain of them may be longer than the stack is deep.
#[derive(Default)]
struct Loader {
    loaded: Loaded,
    states: HashMap<PathBuf, State>,
    /// From the one that was asked for down to the one whose dependencies are read now.
    open: Vec<Open>,
}

#[derive(Clone, Copy)]
enum State {
    /// At this place of [`Loader::open`].
    Open(usize),
    Done,
}

struct Open {
    project: Project,
    /// The ones that are still to be read.
    dependencies: vec::IntoIter<PathBuf>,
}

impl Loader {
    fn load(&mut self, path: &Path) {
        let file = manifest_in(path);
        let identity = identity(&file);
        self.loaded.asked.insert(identity.clone());
        if self.is_new(&identity) {
            self.read(file, identity);
        }
        while let Some(last) = self.open.last_mut() {
            match last.dependencies.next() {
                Some(path) => self.follow(&path),
                None => self.close(),
            }
        }
    }

    /// A dependency of the last one that is open.
    fn follow(&mut self, path: &Path) {
        let Some(Open { project, .. }) = self.open.last() else {
            return;
        };
        // From the real folder, so that the path does not grow with every step down a chain.
        let folder = project.identity.parent().unwrap_or(Path::new("/"));
        let real = manifest_in(&folder.join(path));
        let written = without_dots(&project.root.join(path));
        let found = fs::canonicalize(&real).ok();
        let identity = found.clone().unwrap_or_else(|| without_dots(&real));
        if !self.is_new(&identity) {
            return;
        }
        // As it is called from where the person stands, if no link makes that another file.
        let written = manifest_in(&written);
        let file = if fs::canonicalize(&written).ok() == found {
            written
        } else {
            identity.clone()
        };
        self.read(file, identity);
    }

    /// Whether the manifest was not come across yet. One that is still open depends on itself.
    fn is_new(&mut self, identity: &Path) -> bool {
        match self.states.get(identity) {
            None => true,
            Some(State::Done) => false,
            Some(State::Open(first)) => {
                let above = self.open[*first..]
                    .iter()
                    .map(|open| open.project.identity.as_path());
                let chain: Vec<_> = above
                    .chain([identity])
                    .map(|path| path.display().to_string())
                    .collect();
                let text = format!("services depend on each other: {}", chain.join(" -> "));
                self.loaded.diagnostics.push(
                    Diagnostic::error("dependency-cycle", text)
                        .help("one of them has to go first: remove a dependency"),
                );
                false
            }
        }
    }

    fn read(&mut self, file: PathBuf, identity: PathBuf) {
        self.loaded.manifests += 1;
        self.states.insert(identity.clone(), State::Done);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                let help = match self.open.last() {
                    Some(above) => format!("{} depends on it", above.project.file.display()),
                    None => "`slipway init` writes a deploy.toml; `--file` names another one".to_owned(),
                };
                let text = format!("cannot read {}: {error}", file.display());
                let diagnostic = Diagnostic::error("unreadable", text).help(help);
                self.loaded.diagnostics.push(diagnostic);
                return;
            }
        };
        let (project, mut warnings) = match Project::checked(file, identity, text) {
            Ok(checked) => checked,
            Err(mut invalid) => {
                self.loaded.diagnostics.append(&mut invalid.diagnostics);
                self.loaded.sources.append(&mut invalid.sources);
                return;
            }
        };
        if !warnings.is_empty() {
            let source = (project.file.clone(), project.text.clone());
            self.loaded.sources.push(source);
            self.loaded.diagnostics.append(&mut warnings);
        }
        let paths = project.manifest.dependencies.values();
        let paths: Vec<_> = paths
            .filter_map(|dependency| match dependency {
                Dependency::Path { path } => Some(PathBuf::from(path)),
                Dependency::Package { .. } => None,
            })
            .collect();
        let place = State::Open(self.open.len());
        self.states.insert(project.identity.clone(), place);
        self.open.push(Open {
            project,
            dependencies: paths.into_iter(),
        });
    }

    /// The last one that is open has its dependencies.
    fn close(&mut self) {
        if let Some(Open { project, .. }) = self.open.pop() {
            self.states.insert(project.identity.clone(), State::Done);
            self.loaded.projects.push(project);
        }
    }
}

/// `a/../b` as `b`, as far as the text alone can say so.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        let last = clean.components().next_back();
        match (component, last) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                clean.pop();
            }
            _ => clean.push(component),
        }
    }
    if clean.as_os_str().is_empty() {
        clean.push(Component::CurDir);
    }
    clean
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Services by folder, each with the paths that it depends on.
    fn tree(services: &[(&str, &[&str])]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, dependencies) in services {
            let mut text = String::from("[service]\nname = \"x\"\nversion = \"1\"\n[dependencies]\n");
            for (number, path) in dependencies.iter().enumerate() {
                text.push_str(&format!("d{number} = \"{path}\"\n"));
            }
            let service = folder.path().join(name);
            fs::create_dir_all(&service).unwrap();
            fs::write(service.join(crate::project::FILE), text).unwrap();
        }
        folder
    }

    fn names(loaded: &Loaded, folder: &TempDir) -> Vec<String> {
        let name = |project: &Project| {
            let root = project.root.strip_prefix(folder.path()).unwrap();
            root.display().to_string()
        };
        loaded.projects.iter().map(name).collect()
    }

    /// What is loaded, in its order, and what is said, with the folder's own name left out.
    fn check(services: &[(&str, &[&str])], paths: &[&str], expected: &[&str], said: &[&str]) {
        let folder = tree(services);
        let loaded = Project::load(paths.iter().map(|path| folder.path().join(path)));
        assert_eq!(names(&loaded, &folder), expected);
        let real = fs::canonicalize(folder.path()).unwrap();
        let found = loaded.diagnostics.iter().map(|diagnostic| {
            let text = format!("{} ({})", diagnostic.message, diagnostic.help.join("; "));
            text.replace(&format!("{}/", real.display()), "")
                .replace(&format!("{}/", folder.path().display()), "")
        });
        assert_eq!(found.collect::<Vec<_>>(), said);
        assert_eq!(loaded.has_errors(), !said.is_empty());
    }

    #[test]
    fn each_once_and_after_what_it_depends_on() {
        let services: &[(&str, &[&str])] = &[
            ("a", &["../b", "../c"]),
            ("b", &["../c/../d"]),
            ("c", &["../d/deploy.toml"]),
            ("d", &[]),
            ("e", &[]),
        ];
        check(services, &["a"], &["d", "b", "c", "a"], &[]);
        check(services, &["c", "a", "e", "b"], &["d", "c", "b", "a", "e"], &[]);
        let folder = tree(services);
        let loaded = Project::load(["a", "a/deploy.toml", "d"].map(|path| folder.path().join(path)));
        assert_eq!((loaded.asked.len(), loaded.manifests), (2, 4));
    }

    #[test]
    fn a_cycle_is_told_once_with_its_path() {
        let services: &[(&str, &[&str])] = &[
            ("a", &["../b"]),
            ("b", &["../c"]),
            ("c", &["../b", "../d"]),
            ("d", &[]),
        ];
        let said = "services depend on each other: b/deploy.toml -> c/deploy.toml -> b/deploy.toml \
                    (one of them has to go first: remove a dependency)";
        check(services, &["a", "c"], &["d", "c", "b", "a"], &[said]);
        let said = "services depend on each other: x/deploy.toml -> x/deploy.toml \
                    (one of them has to go first: remove a dependency)";
        check(&[("x", &["."])], &["x"], &["x"], &[said]);
    }

    #[test]
    fn what_is_not_there_is_told_once_and_the_rest_is_read() {
        let services: &[(&str, &[&str])] = &[("a", &["../no", "../b"]), ("b", &["../no/../no"])];
        let said = [
            "cannot read no: No such file or directory (os error 2) (a/deploy.toml depends on it)",
            "cannot read gone: No such file or directory (os error 2) \
             (`slipway init` writes a deploy.toml; `--file` names another one)",
        ];
        check(services, &["a", "b", "gone"], &["b", "a"], &said);
    }

    #[test]
    fn a_chain_may_be_deep() {
        let length = 3000;
        let names: Vec<_> = (0..length).map(|number| format!("service-{number}")).collect();
        let paths: Vec<_> = (1..length).map(|number| format!("../service-{number}")).collect();
        let first: Vec<[&str; 1]> = paths.iter().map(|path| [path.as_str()]).collect();
        let none: &[&str] = &[];
        let depends = first.iter().map(<[_; 1]>::as_slice).chain([none]);
        let services: Vec<_> = names.iter().map(String::as_str).zip(depends).collect();
        let folder = tree(&services);
        let loaded = Project::load([folder.path().join("service-0")]);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics.first());
        assert_eq!(loaded.projects.len(), length);
        let last = loaded.projects.last().unwrap();
        assert_eq!(last.root, folder.path().join("service-0"));
    }

    #[test]
    fn links_lead_where_they_lead() {
        let folder = tree(&[
            ("real/shop", &["../database"]),
            ("real/database", &[]),
            ("other/database", &[]),
        ]);
        std::os::unix::fs::symlink(folder.path().join("real/shop"), folder.path().join("other/shop"))
            .unwrap();
        let loaded = Project::load([folder.path().join("other/shop")]);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let database = fs::canonicalize(folder.path().join("real/database")).unwrap();
        assert_eq!(loaded.projects[0].root, database);
    }

    #[test]
    fn dots_go_as_far_as_the_text_says() {
        for (path, expected) in [
            ("a/../b", "b"),
            ("./../b", "../b"),
            ("../../b/../c", "../../c"),
            ("a/..", "."),
            ("/../a/./b", "/a/b"),
            ("", "."),
        ] {
            assert_eq!(without_dots(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
