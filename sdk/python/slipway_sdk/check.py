"""The role of a check: looks at a revision and says whether it is well. When it is called and how often is written in the
contract, `check.wit`."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar

from .numbers import U64
from .role import Exported, Role, verb
from .settings import parse

S = TypeVar("S")


@dataclass(frozen=True)
class SubjectPort:
    name: str
    address: str


@dataclass(frozen=True)
class SubjectInstance:
    name: str
    ports: list[SubjectPort]


@dataclass(frozen=True)
class Subject:
    service: str
    environment: str
    revision: str
    """The digest (`sha256:...`) of the revision that is looked at."""
    stable: str | None
    """The revision that users are on, where it is another."""
    instances: list[SubjectInstance]
    """The addresses are for telling one from another: only endpoints are reached."""


class FindingOutcome(Enum):
    """`INCONCLUSIVE`: there is nothing to say, or not yet. It is no pass."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Tally:
    """Events out of all."""

    events: U64
    total: U64


@dataclass(frozen=True)
class Finding:
    outcome: FindingOutcome
    message: str
    """Why, in one line, for people; of more than 1,000 characters the rest is left out."""
    evidence: list[str] = field(default_factory=list)
    """What there is to show for it, a line each: the first 20 are kept, and of each 500 characters."""
    values: list[float] = field(default_factory=list)
    """What an analysis judges: measured values or tallies, at most 1,000 and not both."""
    tallies: list[Tally] = field(default_factory=list)


class Check(Role, Generic[S]):
    """`class Plugin(Check[Settings])`, where `Settings` is a dataclass."""

    needs: ClassVar[Sequence[str]] = ()
    """What it wants granted, in the words of the contract (`types.wit`), such as `endpoint api`."""

    @abstractmethod
    def check(self, settings: S, subject: Subject) -> Finding:
        """Only reads. Raises `Failure` where nothing was seen: that is no finding, and nothing passes."""


@dataclass(frozen=True)
class CheckDescription:
    name: str
    version: str
    summary: str
    settings_schema: str
    needs: list[str]


class CheckExport(Exported):
    """The verbs as the contract has them."""

    plugin: ClassVar[type[Check[Any]]]

    @verb
    def describe(self) -> CheckDescription:
        about = self.plugin.about
        return CheckDescription(
            about.name, about.version, about.summary, about.settings_schema, [*self.plugin.needs]
        )

    @verb
    def check(self, settings: str, subject: Subject) -> Finding:
        return self.plugin().check(parse("the settings", settings, self.settings), subject)


Check._exported = CheckExport
