"""The role of a router: sends users to revisions by weight. When each verb is called, how often, and which effects it may have
is written in the contract, `router.wit`."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from .instances import LogChunk
from .numbers import U32, U64
from .role import Exported, Role, verb
from .settings import Place, RawPlace

S = TypeVar("S")


@dataclass(frozen=True)
class RouterAbilities:
    """What can be done at one place."""

    weights: bool
    """Can it send shares other than all or nothing?"""
    preview: bool = False
    """Can it show one revision at an address of its own?"""
    baseline: bool = False
    """Can it hold some instances of a share apart, with a weight of their own? Only then shares have a `baseline`."""


@dataclass(frozen=True)
class Backend:
    instance: str
    address: str


@dataclass(frozen=True)
class Baseline:
    """Some of a share's instances: together they get this much of its weight, and the others the rest."""

    weight: U32
    instances: list[str]


@dataclass(frozen=True)
class Share:
    revision: str
    weight: U32
    backends: list[Backend]
    baseline: Baseline | None = None


@dataclass(frozen=True)
class Routing:
    shares: list[Share]
    preview: str | None = None
    """The revision to show at the preview address."""


@dataclass(frozen=True)
class Flow:
    revision: str
    instance: str
    weight: U32
    in_flight: U64


@dataclass(frozen=True)
class ObservedRoute:
    address: str | None = None
    """Where users come in, as `host:port`; none before the first `route`."""
    preview_address: str | None = None
    flows: list[Flow] = field(default_factory=list)


class Router(Role, Generic[S]):
    """`class Plugin(Router[Settings])`, where `Settings` is a dataclass. Every verb raises `Failure` where it fails."""

    needs: ClassVar[Sequence[str]] = ()
    """What it wants granted, in the words of the contract (`types.wit`), such as `endpoint api`."""

    @abstractmethod
    def abilities(self, settings: S) -> RouterAbilities:
        """What can be done at a place with these settings. Has no effects."""

    @abstractmethod
    def port(self, settings: S) -> str:
        """The name of the port of an instance to send users to."""

    @abstractmethod
    def observe(self, place: Place[S]) -> ObservedRoute:
        """Only reads."""

    @abstractmethod
    def route(self, place: Place[S], routing: Routing) -> None:
        """The whole routing at once. Instances that are not named any more finish their requests and get no new ones."""

    @abstractmethod
    def drain(self, place: Place[S], instance: str) -> int:
        """How many requests are still under way at instances of this name."""

    @abstractmethod
    def logs(self, place: Place[S], cursor: str) -> LogChunk:
        """The access log after a cursor, at most 1 MiB a call. Empty: from the beginning; `end`: nothing, and where it ends
        now."""

    @abstractmethod
    def metrics(self, place: Place[S]) -> str:
        """Counters per revision, as Prometheus text."""

    @abstractmethod
    def remove(self, place: Place[S]) -> None:
        """Ends the route."""


@dataclass(frozen=True)
class RouterDescription:
    name: str
    version: str
    summary: str
    settings_schema: str
    needs: list[str]


class RouterExport(Exported):
    """The verbs as the contract has them."""

    plugin: ClassVar[type[Router[Any]]]

    @verb
    def describe(self) -> RouterDescription:
        about = self.plugin.about
        return RouterDescription(
            about.name, about.version, about.summary, about.settings_schema, [*self.plugin.needs]
        )

    @verb
    def abilities(self, place: RawPlace) -> RouterAbilities:
        return self.plugin().abilities(place.typed(self.settings).settings)

    @verb
    def port(self, place: RawPlace) -> str:
        return self.plugin().port(place.typed(self.settings).settings)

    @verb
    def observe(self, place: RawPlace) -> ObservedRoute:
        return self.plugin().observe(place.typed(self.settings))

    @verb
    def route(self, place: RawPlace, routing: Routing) -> None:
        return self.plugin().route(place.typed(self.settings), routing)

    @verb
    def drain(self, place: RawPlace, instance: str) -> U64:
        return self.plugin().drain(place.typed(self.settings), instance)

    @verb
    def logs(self, place: RawPlace, cursor: str) -> LogChunk:
        return self.plugin().logs(place.typed(self.settings), cursor)

    @verb
    def metrics(self, place: RawPlace) -> str:
        return self.plugin().metrics(place.typed(self.settings))

    @verb
    def remove(self, place: RawPlace) -> None:
        return self.plugin().remove(place.typed(self.settings))


Router._exported = RouterExport
