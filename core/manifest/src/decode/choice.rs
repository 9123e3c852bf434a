//! One word out of a few.

/// Declares how an enumeration is written: each variant with its word and what the word means.
macro_rules! choice {
    ($type:ident, $what:literal { $($word:literal => $variant:ident: $doc:literal,)* }) => {
        impl $crate::decode::Decode for $type {
            fn decode(
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                cx: &mut $crate::decode::Context<'_>,
            ) -> Option<Self> {
                let Some(text) = value.get_ref().as_str() else {
                    cx.wrong_type($what, value);
                    return None;
                };
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => {
                        let shown = text.chars().take(60).collect::<String>();
                        let message = format!("`{shown}` is not {}", $what);
                        cx.error("unknown-value", value.span().into(), message, "not one of the allowed values");
                        cx.suggest(text, [$($word),*], "allowed values");
                        None
                    }
                }
            }

            fn schema(_: &mut $crate::decode::Definitions) -> serde_json::Value {
                serde_json::json!({ "type": "string", "oneOf": [$({ "const": $word, "description": $doc }),*] })
            }
        }
    };
}

pub(crate) use choice;
