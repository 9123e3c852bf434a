"""JSON at the boundary becomes a plugin's own types, and failures that say which document was wrong."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .documents import Mismatch, dumps, from_json, loads
from .failure import Failure

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Place(Generic[S]):
    """One service in one environment, with the plugin's settings."""

    service: str
    environment: str
    settings: S


@dataclass(frozen=True)
class RawPlace:
    """The same as the contract has it: the settings are JSON text."""

    service: str
    environment: str
    settings: str

    def typed(self, kind: type[S]) -> Place[S]:
        return Place(self.service, self.environment, parse("the settings", self.settings, kind))


def parse(what: str, text: str, kind: type[T]) -> T:
    """A document as a type: keys that are unknown or missing are refused by name. Raises `invalid`."""
    try:
        return from_json(kind, loads(text))
    except Mismatch as mismatch:
        raise Failure.invalid(f"{what} cannot be understood: {mismatch}") from None


def print_json(what: str, value: Any) -> str:
    """Raises `failed`."""
    try:
        return dumps(value)
    except (TypeError, ValueError) as error:
        raise Failure.failed(f"{what} cannot be written as JSON: {error}") from None
