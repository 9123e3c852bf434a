//! Which lists are merged by which keys, for the kinds of Kubernetes and for those of a schema that a kustomization
//! brings.

use std::{collections::HashMap, sync::OnceLock};

use crate::tables::MERGE_KEYS;

#[derive(Debug, Default, Clone)]
pub(crate) struct Schema {
    types: HashMap<String, Type>,
    /// The types of kinds, by `apiVersion:kind`.
    kinds: HashMap<String, String>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Type {
    fields: HashMap<String, Field>,
    /// Of every key that is not a field.
    others: Option<Field>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Field {
    /// Of the value, or of the items of a list.
    pub of: Option<String>,
    /// The keys of items that are merged; without any, items are single values.
    pub merged_by: Option<Vec<String>>,
    /// Every key of the value is of the type, not the value itself.
    pub map_of: bool,
}

/// A place in the schema.
#[derive(Clone, Copy)]
pub(crate) enum Cursor<'a> {
    Type(&'a Type),
    /// A map whose values are all alike.
    MapOf(&'a Field),
    List(&'a Field),
    /// Known, and nothing is merged below it.
    Plain,
}

impl Schema {
    pub(crate) fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Schema> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            let mut schema = Schema::default();
            schema.parse(MERGE_KEYS);
            schema
        })
    }

    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<Cursor<'_>> {
        let name = self.kinds.get(&format!("{api_version}:{kind}"))?;
        self.types.get(name).map(Cursor::Type)
    }

    pub(crate) fn field<'a>(&'a self, cursor: Option<Cursor<'a>>, key: &str) -> Option<Cursor<'a>> {
        match cursor? {
            Cursor::Type(known) => {
                let field = known.fields.get(key).or(known.others.as_ref())?;
                Some(self.value(field))
            }
            Cursor::MapOf(field) => Some(self.of(field)),
            Cursor::List(_) | Cursor::Plain => None,
        }
    }

    /// What the items of a list are.
    pub(crate) fn items<'a>(&'a self, field: &'a Field) -> Option<Cursor<'a>> {
        Some(self.of(field))
    }

    pub(crate) fn add_type(&mut self, name: String, fields: HashMap<String, Field>, others: Option<Field>) {
        self.types.insert(name, Type { fields, others });
    }

    pub(crate) fn add_kind(&mut self, api_version: &str, kind: &str, name: &str) {
        self.kinds
            .insert(format!("{api_version}:{kind}"), name.to_owned());
    }

    fn value<'a>(&'a self, field: &'a Field) -> Cursor<'a> {
        if field.merged_by.is_some() {
            Cursor::List(field)
        } else if field.map_of {
            Cursor::MapOf(field)
        } else {
            self.of(field)
        }
    }

    fn of<'a>(&'a self, field: &'a Field) -> Cursor<'a> {
        field
            .of
            .as_ref()
            .and_then(|name| self.types.get(name))
            .map_or(Cursor::Plain, Cursor::Type)
    }

    fn parse(&mut self, table: &str) {
        let mut current = String::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            if let Some(field) = line.strip_prefix("  ") {
                let (name, rest) = field.split_once(' ').unwrap_or((field, ""));
                let (of, keys) = rest
                    .split_once('[')
                    .map_or((rest, None), |(of, keys)| (of, keys.strip_suffix(']')));
                let field = Field {
                    of: Some(of.trim()).filter(|of| !of.is_empty()).map(str::to_owned),
                    merged_by: keys.map(|keys| {
                        let keys = keys.split(',').filter(|key| !key.is_empty());
                        keys.map(str::to_owned).collect()
                    }),
                    map_of: false,
                };
                if let Some(known) = self.types.get_mut(&current) {
                    known.fields.insert(name.to_owned(), field);
                }
                continue;
            }
            let (name, kinds) = line.split_once(" = ").unwrap_or((line, ""));
            name.clone_into(&mut current);
            for kind in kinds.split_whitespace() {
                self.kinds.insert(kind.to_owned(), current.clone());
            }
            self.types.insert(current.clone(), Type::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_containers() {
        let schema = Schema::built_in();
        let path = ["spec", "template", "spec"];
        let pod = path
            .into_iter()
            .fold(schema.kind("apps/v1", "Deployment"), |cursor, key| {
                schema.field(cursor, key)
            });
        let Some(Cursor::List(containers)) = schema.field(pod, "containers") else {
            panic!("containers are merged");
        };
        assert_eq!(containers.merged_by.as_deref(), Some(&["name".to_owned()][..]));
        let Some(Cursor::List(ports)) = schema.field(schema.items(containers), "ports") else {
            panic!("ports are merged");
        };
        assert_eq!(ports.merged_by.as_ref().map(Vec::len), Some(2));
    }
}
