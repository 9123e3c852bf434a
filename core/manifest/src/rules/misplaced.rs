//! Keys that their type does not read.

use slipway_model::Span;

use super::{Rule, each};
use crate::{
    Type,
    decode::{Context, Slot},
    written::{Document, StrategyType},
};

pub(super) const RULE: Rule = Rule {
    code: "misplaced-key",
    about: "A key stands only where its type reads it.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, strategy) in each(&document.strategy) {
        let Some(of) = &strategy.of else { continue };
        let rolling = of.value == StrategyType::Rolling;
        let keys = [
            ("batch", span(&strategy.batch), rolling, "rolling"),
            (
                "max-unavailable",
                span(&strategy.max_unavailable),
                rolling,
                "rolling",
            ),
            ("max-surge", span(&strategy.max_surge), rolling, "rolling"),
            ("max-failures", span(&strategy.max_failures), rolling, "rolling"),
            (
                "steps",
                span(&strategy.steps),
                of.value == StrategyType::Canary,
                "canary",
            ),
        ];
        for (key, place, read, by) in keys {
            misplaced(key, place, read, &format!("strategy `{name}`"), by, of.span, cx);
        }
    }
    for (name, _, parameter) in each(&document.parameters) {
        let Some(of) = &parameter.of else { continue };
        let collection = matches!(of.value, Type::List | Type::Map);
        let ordered = matches!(
            of.value,
            Type::Integer | Type::Number | Type::Port | Type::Duration | Type::Bytes
        );
        let string = of.value == Type::String;
        let ordered_types = "integer, number, port, duration and bytes";
        let keys = [
            ("minimum", span(&parameter.minimum), ordered, ordered_types),
            ("maximum", span(&parameter.maximum), ordered, ordered_types),
            (
                "min-length",
                span(&parameter.min_length),
                collection || string,
                "string, list and map",
            ),
            (
                "max-length",
                span(&parameter.max_length),
                collection || string,
                "string, list and map",
            ),
            ("pattern", span(&parameter.pattern), string, "string"),
            ("values", span(&parameter.values), of.value == Type::Enum, "enum"),
            ("items", span(&parameter.items), collection, "list and map"),
        ];
        for (key, place, read, by) in keys {
            misplaced(key, place, read, &format!("parameter `{name}`"), by, of.span, cx);
        }
    }
}

fn misplaced(
    key: &str,
    place: Option<Span>,
    read: bool,
    whose: &str,
    by: &str,
    of: Span,
    cx: &mut Context<'_>,
) {
    if let Some(place) = place.filter(|_| !read) {
        cx.error(
            RULE.code,
            place,
            format!("{whose}: `{key}` is for type {by}"),
            "nothing reads it",
        );
        cx.also(of, "of this type");
    }
}

fn span<T>(slot: &Slot<T>) -> Option<Span> {
    slot.as_ref().map(|at| at.span)
}
