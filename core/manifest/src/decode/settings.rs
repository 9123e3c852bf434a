//! Tables whose keys only a plugin or an environment knows, kept as JSON with their places.

use serde_json::{Value, json};
use toml::{Spanned, de::DeValue};

use super::{Context, Decode, Definitions, json::json_of};
use crate::manifest::{Place, Settings, pointer};

impl Decode for Settings {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            cx.wrong_type("a table", value);
            return None;
        };
        let mut settings = Self::default();
        settings.stand_at(value.span().into());
        for (key, value) in table {
            settings.insert(key, value, cx);
        }
        Some(settings)
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "object" })
    }
}

impl Settings {
    pub(super) fn stand_at(&mut self, span: slipway_model::Span) {
        self.places.insert(
            String::new(),
            Place {
                key: span,
                value: span,
            },
        );
    }

    pub(super) fn insert(
        &mut self,
        key: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        cx: &mut Context<'_>,
    ) {
        let place = Place {
            key: key.span().into(),
            value: value.span().into(),
        };
        let path = pointer("", key.get_ref());
        self.remember(&path, place, value);
        if let Some(value) = json_of(value, cx) {
            self.values.insert(key.get_ref().to_string(), value);
        }
    }

    fn remember(&mut self, path: &str, place: Place, value: &Spanned<DeValue<'_>>) {
        self.places.insert(path.to_owned(), place);
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let place = Place {
                        key: key.span().into(),
                        value: value.span().into(),
                    };
                    self.remember(&pointer(path, key.get_ref()), place, value);
                }
            }
            DeValue::Array(array) => {
                for (index, value) in array.iter().enumerate() {
                    let place = Place {
                        key: value.span().into(),
                        value: value.span().into(),
                    };
                    self.remember(&pointer(path, &index.to_string()), place, value);
                }
            }
            _ => {}
        }
    }
}
