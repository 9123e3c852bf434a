"""The capabilities that the component imports, and how one is called. Outside a component there are none."""

import importlib
from types import ModuleType, SimpleNamespace
from typing import Any, TypeVar

from .failure import Failure, FailureKind
from .records import lift

T = TypeVar("T")

CAPABILITIES = ("log", "progress", "files", "blobs", "http", "exec", "registry", "clock", "state", "lookup")
"""All that the contract has; `wit/component.wit` says which of them a plugin imports."""


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"wit_world.imports.{name}")
    except ModuleNotFoundError:
        return None


# While the component is built: afterwards there are no files to import from.
_MODULES = {name: module for name in CAPABILITIES if (module := _imported(name)) is not None}
INSIDE = bool(_MODULES)
"""Are we in a component?"""


class _Err(Exception):
    """What the bindings raise and take for a failure, outside a component."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


Err: Any = importlib.import_module("componentize_py_types").Err if INSIDE else _Err


def bindings(capability: str) -> ModuleType:
    """The module of a capability. Raises `RuntimeError` where there is none."""
    if capability in _MODULES:
        return _MODULES[capability]
    if INSIDE:
        raise RuntimeError(
            f"wit/component.wit imports no `{capability}`: it needs `import slipway:plugin/{capability}@0.1.0;`"
        )
    raise RuntimeError(f"`{capability}` is there only inside Slipway: in a test, put something in its place")


def has(capability: str) -> bool:
    return capability in _MODULES


def call(answer: type[T], capability: str, function: str, *arguments: Any) -> T:
    """Calls a function of a capability, with what the bindings take. Raises `Failure` if it fails."""
    found: T = ask(answer, capability, function, *arguments)
    return found


def tell(capability: str, function: str, *arguments: Any) -> None:
    """The same for one that answers nothing."""
    ask(None, capability, function, *arguments)


def ask(answer: Any, capability: str, function: str, *arguments: Any) -> Any:
    """The same for an answer whose type is no class."""
    try:
        return lift(answer, getattr(bindings(capability), function)(*arguments))
    except Err as error:
        raise failure(error.value) from None


def failure(raw: Any) -> Failure:
    """A failure as the bindings have it."""
    return Failure(lift(FailureKind, raw.kind), raw.message, raw.hint)


def failed(failure: Failure) -> Exception:
    """What is raised for the bindings."""
    kind = list(FailureKind).index(failure.kind)
    hint = None if failure.hint is None else str(failure.hint)
    said = SimpleNamespace(kind=SimpleNamespace(value=kind), message=str(failure.message), hint=hint)
    raised: Exception = Err(said)
    return raised
