"""A small document of this plugin for the place of the call, at most 1 MiB. Everything raises `Failure`."""

from typing import Any, TypeVar, overload

from . import host
from .settings import parse, print_json

T = TypeVar("T")


@overload
def get() -> Any: ...


@overload
def get(kind: type[T]) -> T | None: ...


def get(kind: Any = Any) -> Any:
    """None if there is none yet. [read]"""
    text = host.ask(str | None, "state", "get")
    return None if text is None else parse("the state", text, kind)


def put(value: Any) -> None:
    """Anything that can be written as JSON, such as a dataclass. [idempotent]"""
    host.tell("state", "put", print_json("the state", value))
