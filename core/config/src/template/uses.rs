//! Which parameters each part of a template is made from: by its own expression, and by the conditions and loops
//! around it. Names that a template gives itself (`set`, `for`, `with`, `macro`) stand for what they were made from.
//! Names from another template (an imported macro, a loop around an include) are not followed: what is listed is true,
//! but may not be all.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Environment;

use super::scan::{Tag, TagKind, tags};

pub(crate) type Names = BTreeSet<String>;

/// The parameters that a text depends on, by place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uses {
    /// From this byte on, until the next entry.
    regions: Vec<(usize, Names)>,
}

#[derive(Default)]
struct Frame {
    keyword: String,
    /// What decides whether the block is there at all.
    control: Names,
    locals: BTreeMap<String, Names>,
    /// The name that the block defines when it ends.
    defines: Option<String>,
    collected: Names,
    region: usize,
}

struct Walk<'a> {
    source: &'a str,
    env: &'a Environment<'static>,
    /// Template name to public name.
    parameters: &'a BTreeMap<String, String>,
    frames: Vec<Frame>,
    uses: Uses,
}

impl Uses {
    pub(crate) fn of(
        source: &str,
        env: &Environment<'static>,
        parameters: &BTreeMap<String, String>,
    ) -> Self {
        let mut walk = Walk {
            source,
            env,
            parameters,
            frames: vec![Frame::default()],
            uses: Self::default(),
        };
        for tag in tags(source) {
            walk.tag(&tag);
        }
        walk.uses
    }

    pub(crate) fn at(&self, offset: usize) -> Names {
        let after = self.regions.partition_point(|(start, _)| *start <= offset);
        after
            .checked_sub(1)
            .map(|index| self.regions[index].1.clone())
            .unwrap_or_default()
    }
}

impl Walk<'_> {
    fn tag(&mut self, tag: &Tag) {
        let inner = &self.source[tag.inner.clone()];
        match tag.kind {
            TagKind::Expression => {
                let names = self.expression(inner);
                self.region(tag.whole.start, names);
            }
            TagKind::Block => self.block(tag, inner),
        }
        self.region(tag.whole.end, Names::new());
    }

    fn region(&mut self, start: usize, mut names: Names) {
        for frame in &mut self.frames {
            names.extend(frame.control.iter().cloned());
        }
        for frame in &mut self.frames {
            frame.collected.extend(names.iter().cloned());
        }
        self.uses.regions.push((start, names));
    }

    fn block(&mut self, tag: &Tag, inner: &str) {
        let (keyword, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let rest = rest.trim();
        let mut frame = Frame {
            keyword: keyword.to_owned(),
            ..Frame::default()
        };
        match keyword {
            "for" => {
                let (names, iterated) = rest.split_once(" in ").unwrap_or((rest, ""));
                frame.control = self.expression(iterated.trim_end_matches("recursive"));
                let locals = names
                    .split(',')
                    .map(|name| name.trim_matches(['(', ')', ' ']).to_owned());
                frame.locals = locals.map(|name| (name, frame.control.clone())).collect();
            }
            "if" => frame.control = self.expression(rest),
            "elif" => {
                let names = self.expression(rest);
                if let Some(open) = self.frames.last_mut() {
                    open.control.extend(names);
                }
                return;
            }
            "set" => match rest.split_once('=') {
                Some((name, value)) => {
                    let names = self.expression(value);
                    let locals = self.frames.last_mut().map(|open| &mut open.locals);
                    locals.into_iter().for_each(|locals| {
                        locals.insert(name.trim().to_owned(), names.clone());
                    });
                    return;
                }
                None => frame.defines = rest.split('|').next().map(|name| name.trim().to_owned()),
            },
            "macro" => frame.defines = rest.split('(').next().map(|name| name.trim().to_owned()),
            "with" => {
                let names = self.expression(&format!("dict({rest})"));
                let locals = rest.split(',').filter_map(|part| part.split_once('='));
                frame.locals = locals
                    .map(|(name, _)| (name.trim().to_owned(), names.clone()))
                    .collect();
            }
            "filter" | "call" => {
                let names = self.expression(rest);
                frame.region = self.uses.regions.len();
                self.region(tag.whole.start, names);
            }
            "block" | "autoescape" => {}
            _ => {
                if let Some(ended) = keyword.strip_prefix("end") {
                    self.end(ended);
                }
                return;
            }
        }
        self.frames.push(frame);
    }

    fn end(&mut self, keyword: &str) {
        if self.frames.last().is_none_or(|open| open.keyword != keyword) {
            return;
        }
        let Some(ended) = self.frames.pop() else { return };
        match (&ended.defines, ended.keyword.as_str()) {
            (Some(name), _) => {
                if let Some(open) = self.frames.last_mut() {
                    open.locals.insert(name.clone(), ended.collected);
                }
            }
            (None, "filter" | "call") => self.uses.regions[ended.region].1.extend(ended.collected),
            (None, _) => {}
        }
    }

    fn expression(&self, text: &str) -> Names {
        let Ok(expression) = self.env.compile_expression_owned(text.trim().to_owned()) else {
            return Names::new();
        };
        let mut found = Names::new();
        for name in expression.undeclared_variables(false) {
            let local = self.frames.iter().rev().find_map(|frame| frame.locals.get(&name));
            match (local, self.parameters.get(&name)) {
                (Some(names), _) => found.extend(names.iter().cloned()),
                (None, Some(public)) => {
                    found.insert(public.clone());
                }
                (None, None) if name == "params" => found.extend(self.subscripts(text)),
                (None, None) => {}
            }
        }
        found
    }

    /// The names in `params["name"]` and `params.name`; every parameter where the name is computed.
    fn subscripts(&self, text: &str) -> Names {
        let mut found = Names::new();
        for rest in text.split("params").skip(1) {
            let name = rest.strip_prefix('.').map(|rest| {
                rest.split(|character: char| !character.is_alphanumeric() && character != '_')
                    .next()
            });
            let quoted = || {
                let rest = rest.trim_start().strip_prefix('[')?.trim_start();
                let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
                rest[1..].split_once(quote).map(|(name, _)| name)
            };
            match name.flatten().or_else(quoted) {
                Some(name) => found.insert(name.to_owned()),
                None => return self.parameters.values().cloned().collect(),
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of the place marked by `@`.
    fn check(marked: &str, expected: &[&str]) {
        let source = marked.replace('@', "");
        let parameters = ["a", "b", "a_b", "list"].map(|name| (name.to_owned(), name.replace('_', "-")));
        let uses = Uses::of(&source, &Environment::new(), &BTreeMap::from(parameters));
        let found = uses.at(marked.find('@').unwrap());
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            expected,
            "{marked}"
        );
    }

    #[test]
    fn by_expression() {
        check("{{@ a }}", &["a"]);
        check("{{ a }}@x{{ b }}", &[]);
        check("{{@ a ~ b|default(list[0]) }}", &["a", "b", "list"]);
        check("{{@ a_b.c }}", &["a-b"]);
        check("{{@ params['a-b'] ~ params.b }}", &["a-b", "b"]);
        check("{{@ params[a] }}", &["a", "a-b", "b", "list"]);
        check("{{@ 'a' }}", &[]);
        check("{{@ service }}", &[]);
    }

    #[test]
    fn by_what_is_around() {
        check("{% if a %}@x{% endif %}", &["a"]);
        check("{% if a %}{% elif b %}@x{% endif %}", &["a", "b"]);
        check("{% if a %}x{% endif %}@y", &[]);
        check("{% for a in list %}@x{% endfor %}", &["list"]);
        check("{% for a in list %}{{@ a }}{% endfor %}", &["list"]);
        check(
            "{% for x, y in list if a %}{{@ y ~ b }}{% endfor %}",
            &["a", "b", "list"],
        );
        check("{% for a in list %}{% endfor %}{{@ a }}", &["a"]);
    }

    #[test]
    fn by_names_of_its_own() {
        check("{% set x = a %}{{@ x }}", &["a"]);
        check(
            "{% set x %}{{ a }}{% if b %}1{% endif %}{% endset %}{{@ x }}",
            &["a", "b"],
        );
        check("{% with x = a %}{{@ x }}{% endwith %}", &["a"]);
        check(
            "{% macro m(p) %}{{ p }}{{ a }}{% endmacro %}{{@ m(b) }}",
            &["a", "b"],
        );
        check("{@% filter upper %}{{ a }}{% endfilter %}", &["a"]);
    }
}
