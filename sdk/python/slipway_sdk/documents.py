"""JSON becomes values of a program's own types, and these JSON again.

A type is `str`, `int`, `float`, `bool`, `list[T]`, `dict[str, T]`, `T | None`, an `Enum` by its values, a dataclass by
its fields, or `typing.Any`. The same values give the same bytes: a `dict` is sorted by its keys, a dataclass is in the order of
its fields.
"""

import json
import math
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from .numbers import Range

T = TypeVar("T")


class Kebab:
    """To be derived from by a dataclass whose `two_words` are written `two-words` in JSON."""


class Mismatch(ValueError):
    """A document is not what a type says; names the key, in one line."""


def loads(text: str | bytes) -> Any:
    """JSON, and only that: no `NaN`, nothing infinite, no half of a character. Raises `Mismatch`."""
    try:
        text = text.decode() if isinstance(text, bytes) else text
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # `"\ud800"` is taken by Python, and fails only where it is written again.
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Mismatch(str(error)) from None
    return value


def dumps(value: Any, indent: int | None = None) -> str:
    """As short as it can be, or indented for people."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(to_json(value), ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def to_json(value: Any) -> Any:
    """What `json.dumps` takes. A type that has a method `to_json` is asked itself."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {key: to_json(getattr(value, name)) for name, key in keys(type(value)).items()}
    if isinstance(value, dict):
        return {key: to_json(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    return value


def from_json(kind: type[T], value: Any, *, more: bool = False) -> T:
    """A value of a type. With `more` a dataclass may be given keys that it does not have, as by a newer server; without,
    they are refused. Raises `Mismatch`."""
    found: T = _value(kind, value, more, "")
    return found


@lru_cache(maxsize=None)
def keys(kind: Any) -> dict[str, str]:
    """The fields of a dataclass, and what each is called in JSON."""
    kebab = issubclass(kind, Kebab)
    return {one.name: one.name.replace("_", "-") if kebab else one.name for one in fields(kind)}


@lru_cache(maxsize=None)
def hints(kind: Any) -> dict[str, Any]:
    """What the fields of a dataclass may hold."""
    return typing.get_type_hints(kind, include_extras=True)


def _value(kind: Any, value: Any, more: bool, at: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin is typing.Annotated:
        number = _value(arguments[0], value, more, at)
        for bound in arguments[1:]:
            if isinstance(bound, Range) and number not in bound:
                raise Mismatch(f"{_named(at)} is {number}, and has to be {bound}")
        return number
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        wanted = [one for one in arguments if one is not type(None)]
        if len(wanted) != 1:
            raise TypeError(f"{kind} can be more than one thing")
        return _value(wanted[0], value, more, at)
    if origin is list:
        _expect(value, list, "a list", at)
        return [_value(arguments[0], one, more, f"{at}[{index}]") for index, one in enumerate(value)]
    if origin is dict:
        _expect(value, dict, "an object", at)
        return {key: _value(arguments[1], value[key], more, _below(at, key)) for key in sorted(value)}
    if is_dataclass(kind):
        return _dataclass(kind, value, more, at)
    if issubclass(kind, Enum):
        return _case(kind, value, at)
    return _plain(kind, value, at)


def _dataclass(kind: Any, value: Any, more: bool, at: str) -> Any:
    _expect(value, dict, "an object", at)
    known = keys(kind)
    unknown = sorted(value.keys() - set(known.values()))
    if unknown and not more:
        there = ", ".join(f"`{key}`" for key in known.values()) or "nothing"
        raise Mismatch(f"there is no `{_below(at, unknown[0])}`, but {there}")
    taken = {}
    for field in fields(kind):
        key = known[field.name]
        if key in value:
            taken[field.name] = _value(hints(kind)[field.name], value[key], more, _below(at, key))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise Mismatch(f"`{_below(at, key)}` is missing")
    return kind(**taken)


def _case(kind: type[Enum], value: Any, at: str) -> Any:
    for case in kind:
        if case.value == value:
            return case
    cases = ", ".join(f"`{case.value}`" for case in kind)
    raise Mismatch(f"{_named(at)} is {_shown(value)}, and has to be one of {cases}")


def _plain(kind: type, value: Any, at: str) -> Any:
    if issubclass(kind, str):
        _expect(value, str, "text", at)
        try:
            return kind(value)
        except ValueError as error:
            raise Mismatch(f"{_named(at)}: {error}") from None
    if kind is float and type(value) in (int, float):
        try:
            return float(value)
        except OverflowError:
            raise Mismatch(f"{_named(at)} is too large a number") from None
    # Exactly: `True` is no number here.
    if type(value) is not kind:
        raise Mismatch(f"{_named(at)} is {_shown(value)}, and has to be {_WORDS.get(kind, kind.__name__)}")
    return value


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


def _expect(value: Any, kind: type, word: str, at: str) -> None:
    if not isinstance(value, kind):
        raise Mismatch(f"{_named(at)} is {_shown(value)}, and has to be {word}")


def _named(at: str) -> str:
    return f"`{at}`" if at else "it"


def _below(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number
