"""Between the kit's records and those of the contract's bindings, which exist only in a component. The bindings know a record by
its fields, and a case of an enumeration by its place. An answer of a wrong type is refused here, by name, and not deep in them.
"""

import types
import typing
from dataclasses import fields, is_dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

from .documents import hints
from .numbers import Range


def lift(kind: Any, value: Any) -> Any:
    """What the bindings gave, as the kit's type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return value
    if origin in (typing.Union, types.UnionType):
        return None if value is None else lift(_present(arguments), value)
    if origin is list:
        return [lift(arguments[0], one) for one in value]
    if is_dataclass(kind):
        make: Any = kind
        return make(**{name: lift(hint, getattr(value, name)) for name, hint in hints(make).items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[value.value]
    return value


def lower(kind: Any, value: Any, at: str) -> Any:
    """A value of the kit's type, as the bindings take it. Raises `TypeError` if it is none: `at` says whose it is."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        number = lower(arguments[0], value, at)
        for bound in arguments[1:]:
            if isinstance(bound, Range) and number not in bound:
                raise TypeError(f"{at} is {number}, and has to be {bound}")
        return number
    if origin in (typing.Union, types.UnionType):
        return None if value is None else lower(_present(arguments), value, at)
    if origin is list:
        _expect(value, (list, tuple), "a list", at)
        return [lower(arguments[0], one, f"{at}[{index}]") for index, one in enumerate(value)]
    if origin is tuple:
        _expect(value, (list, tuple), "a tuple", at)
        return tuple(lower(kind, one, at) for kind, one in zip(arguments, value, strict=True))
    if is_dataclass(kind):
        record: Any = kind
        _expect(value, record, f"of {record.__name__}", at)
        lowered = {name: lower(hint, getattr(value, name), f"{at}.{name}") for name, hint in hints(record).items()}
        return SimpleNamespace(**lowered)
    if kind is float:
        _expect(value, (int, float), "a number", at)
        return float(value)
    _expect(value, kind or type(None), f"of {getattr(kind, '__name__', kind)}", at)
    if isinstance(value, Enum):
        return SimpleNamespace(value=list(type(value)).index(value))
    # Text of a type of its own, such as `Duration`.
    return str(value) if isinstance(value, str) else value


def names(kind: Any) -> list[str]:
    """The fields or cases of a kit's type, as the contract writes them."""
    if issubclass(kind, Enum):
        return [case.value for case in kind]
    return [one.name.replace("_", "-") for one in fields(kind)]


def _present(arguments: tuple[Any, ...]) -> Any:
    (kind,) = [one for one in arguments if one is not type(None)]
    return kind


def _expect(value: Any, kind: Any, word: str, at: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{at} is {type(value).__name__}, and has to be {word}")
