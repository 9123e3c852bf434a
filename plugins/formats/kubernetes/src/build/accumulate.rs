//! Kustomizations one within another: what each names is read, generated and transformed, and handed to the one that
//! names it.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    finish,
    generate::{Kind, absorb, generate},
    manifest::Manifest,
    origin::Origin,
    reach::{self, Reached, reach},
    transform::Run,
};
use crate::{
    files::{Files, within},
    kustomization::{Kustomization, Located, Variable, kustomization},
    merge::{Schema, add_open_api},
    model::{Scopes, Set, load_bytes},
    problem::{Outcome, Problem, unless_wrong},
    transform::{Config, mark_variables, read_configuration, references_of_definitions},
    yaml::read,
};

/// Kustomizations within each other.
const DEPTH: usize = 100;

/// What one kustomization has come to, with what is needed to finish it.
#[derive(Default)]
pub(crate) struct Accumulated {
    pub set: Set,
    pub config: Rc<Config>,
    /// By their names, with the file that each is from.
    pub variables: BTreeMap<String, (String, Variable)>,
}

pub(crate) struct Builder<'f> {
    pub files: &'f Files,
    pub scopes: Scopes,
    pub schema: Schema,
    built_in: Rc<Config>,
    /// The first schema that a kustomization names is the one that is used.
    schema_is_set: bool,
    /// Those that are being built, from the outside in.
    folders: Vec<String>,
}

pub(crate) fn kustomized(files: &Files, root: &str) -> Outcome<Vec<Manifest>> {
    let from = kustomization(files, root)?;
    let mut builder = Builder {
        files,
        scopes: Scopes::default(),
        schema: Schema::built_in().clone(),
        built_in: Rc::new(Config::built_in()),
        schema_is_set: false,
        folders: Vec::new(),
    };
    builder.set_schema(root, &from, true)?;
    let origin = (!from.build_metadata.is_empty()).then(Origin::default);
    let accumulated = builder.accumulate(root, &from, Accumulated::default(), origin.as_ref())?;
    finish::finish(accumulated, &from)
}

impl Builder<'_> {
    fn accumulate(
        &mut self,
        folder: &str,
        from: &Kustomization,
        mut acc: Accumulated,
        origin: Option<&Origin>,
    ) -> Outcome<Accumulated> {
        self.folders.push(folder.to_owned());
        let mut problems = Vec::new();
        for path in &from.resources {
            if let Err(wrong) = self.resource(folder, path, from, &mut acc, origin) {
                problems.extend(wrong.0);
            }
        }
        unless_wrong((), problems)?;
        acc.config = self.config(folder, from, &acc)?;
        self.generated(folder, from, &mut acc, origin)?;
        for path in &from.components {
            acc = self.component(folder, path, from, acc, origin)?;
        }
        Run {
            builder: self,
            folder,
            from,
            origin,
        }
        .all(&mut acc)?;
        mark_variables(&mut acc.set, from)?;
        for variable in &from.variables {
            add_variable(&mut acc.variables, &from.file, variable)?;
        }
        self.folders.pop();
        Ok(acc)
    }

    fn resource(
        &mut self,
        folder: &str,
        path: &Located<String>,
        from: &Kustomization,
        acc: &mut Accumulated,
        origin: Option<&Origin>,
    ) -> Outcome<()> {
        match reach(self.files, folder, path, from)? {
            Reached::File(file) => {
                let content = self.files.get(&file).unwrap_or_default();
                let mut resources = load_bytes(content, &file, &self.scopes)?;
                if let Some(origin) = origin {
                    let here = origin.below(&path.value);
                    resources.iter_mut().for_each(|resource| here.annotate(resource));
                }
                acc.set.add_all(resources)
            }
            Reached::Folder(base) => {
                let below = self.enter(&base, path, from, false)?;
                let origin = origin.map(|origin| origin.below(&path.value));
                let sub = self.accumulate(&base, &below, Accumulated::default(), origin.as_ref())?;
                let mut problems = Vec::new();
                if let Err(wrong) = acc.set.add_all(sub.set.into_list()) {
                    problems.extend(wrong.0);
                }
                acc.config = acc
                    .config
                    .merged(&sub.config)
                    .map_err(|why| Problem::new(&below.file, why))?;
                for (file, variable) in sub.variables.values() {
                    add_variable(&mut acc.variables, file, variable)?;
                }
                unless_wrong((), problems)
            }
        }
    }

    fn component(
        &mut self,
        folder: &str,
        path: &Located<String>,
        from: &Kustomization,
        acc: Accumulated,
        origin: Option<&Origin>,
    ) -> Outcome<Accumulated> {
        let problem = |why: &str| Problem::new(&from.file, why).at(path.place).key(&path.key);
        match reach(self.files, folder, path, from)? {
            Reached::File(_) => Err(problem("a component is a folder, and this is a file").into()),
            Reached::Folder(base) => {
                let below = self.enter(&base, path, from, true)?;
                let origin = origin.map(|origin| origin.below(&path.value));
                self.accumulate(&base, &below, acc, origin.as_ref())
            }
        }
    }

    /// The kustomization in a folder that another one names.
    fn enter(
        &mut self,
        base: &str,
        path: &Located<String>,
        from: &Kustomization,
        component: bool,
    ) -> Outcome<Kustomization> {
        let problem = |why: String| Problem::new(&from.file, why).at(path.place).key(&path.key);
        if let Some(visited) = self.folders.iter().find(|visited| within(visited, base)) {
            let why = format!(
                "`{}` holds `{visited}`, which is being built: it would never end",
                path.value
            );
            return Err(problem(why)
                .hint("name a folder that holds no kustomization that names it")
                .into());
        }
        if self.folders.len() > DEPTH {
            return Err(problem(format!("more than {DEPTH} kustomizations within each other")).into());
        }
        let below = kustomization(self.files, base)?;
        self.set_schema(base, &below, false)?;
        match (component, below.is_component) {
            (true, false) => Err(problem(format!("`{}` is no component", path.value))
                .hint("set `kind: Component` in it, or name it in `resources`")
                .into()),
            (false, true) => Err(problem(format!("`{}` is a component", path.value))
                .hint("name it in `components`")
                .into()),
            _ => Ok(below),
        }
    }

    fn set_schema(&mut self, folder: &str, from: &Kustomization, root: bool) -> Outcome<()> {
        let Some(openapi) = &from.openapi else {
            return Ok(());
        };
        if self.schema_is_set {
            return Ok(());
        }
        self.schema_is_set = openapi.path.is_some()
            || openapi
                .version
                .as_ref()
                .is_some_and(|version| !version.is_empty());
        let Some(path) = &openapi.path else {
            return Ok(());
        };
        let path = Located {
            value: path.clone(),
            place: openapi.place,
            key: "openapi.path".to_owned(),
        };
        let (text, file) = reach::text(self.files, folder, &path, from)?;
        let document = read(text).map_err(|malformed| Problem::malformed(&file, malformed))?;
        // The schema of the outermost kustomization stands alone.
        if root {
            self.schema = Schema::default();
        }
        if let Some(document) = document {
            add_open_api(&document, &mut self.schema, &mut self.scopes);
        }
        Ok(())
    }

    fn config(&self, folder: &str, from: &Kustomization, acc: &Accumulated) -> Outcome<Rc<Config>> {
        let mut config = self.built_in.clone();
        let mut own = Rc::new(Config::default());
        for path in &from.configurations {
            let (text, file) = reach::text(self.files, folder, path, from)?;
            let read = Rc::new(read_configuration(text, &file)?);
            own = own.merged(&read).map_err(|why| Problem::new(&file, why))?;
        }
        let problem = |why: String| Problem::new(&from.file, why);
        config = config.merged(&own).map_err(problem)?;
        config = acc.config.merged(&config).map_err(problem)?;
        for path in &from.crds {
            let (text, file) = reach::text(self.files, folder, path, from)?;
            let root = read(text).map_err(|malformed| Problem::malformed(&file, malformed))?;
            let Some(root) = root else {
                continue;
            };
            let crds = references_of_definitions(&root).map_err(|why| Problem::new(&file, why))?;
            config = config.merged(&Rc::new(crds)).map_err(problem)?;
        }
        Ok(config)
    }

    fn generated(
        &self,
        folder: &str,
        from: &Kustomization,
        acc: &mut Accumulated,
        origin: Option<&Origin>,
    ) -> Outcome<()> {
        let config_maps = from
            .config_maps
            .iter()
            .map(|generator| (Kind::ConfigMap, generator));
        let secrets = from.secrets.iter().map(|generator| (Kind::Secret, generator));
        let mut problems = Vec::new();
        for (kind, generator) in config_maps.chain(secrets) {
            let made = generate(self.files, folder, kind, generator, from).and_then(|mut resource| {
                if let Some(origin) = origin {
                    let name = if kind == Kind::ConfigMap {
                        "ConfigMapGenerator"
                    } else {
                        "SecretGenerator"
                    };
                    origin.annotate_generated(&mut resource, &from.file, name);
                }
                absorb(&mut acc.set, resource, generator, from)
            });
            if let Err(wrong) = made {
                problems.extend(wrong.0);
            }
        }
        unless_wrong((), problems)
    }
}

fn add_variable(
    variables: &mut BTreeMap<String, (String, Variable)>,
    file: &str,
    variable: &Variable,
) -> Outcome<()> {
    let entry = (file.to_owned(), variable.clone());
    match variables.insert(variable.name.clone(), entry) {
        None => Ok(()),
        Some((first, _)) => Err(Problem::new(
            file,
            format!("the variable `{}` is there already, from {first}", variable.name),
        )
        .at(variable.place)
        .key(&variable.key)
        .hint("give it a name of its own")
        .into()),
    }
}
