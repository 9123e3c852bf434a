"""The role of a target: runs instances at one kind of place. When each verb is called, how often, and which effects it may have
is written in the contract, `target.wit`."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from .changes import changes as changes_of
from .failure import Failure
from .instances import Abilities, Change, Claim, Ended, Instance, InstanceSpec, LogChunk, Probed, Task
from .numbers import U32
from .role import Exported, Role, verb
from .settings import Place, RawPlace

S = TypeVar("S")


class Target(Role, Generic[S]):
    """`class Plugin(Target[Settings])`, where `Settings` is a dataclass. Every verb raises `Failure` where it fails."""

    workloads: ClassVar[Sequence[str]]
    """The kinds of workload that it runs."""
    needs: ClassVar[Sequence[str]] = ()
    """What it wants granted, in the words of the contract (`types.wit`), such as `endpoint api`."""

    @abstractmethod
    def abilities(self, settings: S) -> Abilities:
        """What can be done at a place with these settings. Has no effects."""

    @abstractmethod
    def observe(self, place: Place[S]) -> list[Instance]:
        """What runs there now. Only reads."""

    def plan(self, place: Place[S], desired: list[InstanceSpec]) -> list[Change]:
        """What would change: by names and revisions, unless a target knows better. Only reads."""
        return changes_of(self.observe(place), desired)

    def claim(self, place: Place[S], by: str, seconds: int) -> Claim | None:
        """Marks the place as changed by one writer. Most targets need no mark."""
        return None

    @abstractmethod
    def start(self, place: Place[S], instance: InstanceSpec) -> None:
        """Begins to run an instance; does not wait until it is healthy. Once more it changes nothing."""

    def adopt(self, place: Place[S], instance: InstanceSpec, changes: bool) -> list[Change]:
        """Takes over what others have deployed, as it runs. Most targets do not."""
        raise Failure.unsupported(f"target {self.about.name} takes nothing over that others have deployed")

    @abstractmethod
    def probe(self, place: Place[S], name: str) -> Instance | None:
        """The state of one instance now; None if it is not there. Only reads."""

    def probe_since(self, place: Place[S], name: str, since: str, wait_ms: int) -> Probed | None:
        """The same for a target that can wait for a change, at most `wait_ms`: None if nothing has changed since. Most
        targets cannot."""
        return Probed(self.probe(place, name))

    def hold(self, place: Place[S], name: str, on: bool) -> None:
        """Holds what `start` has begun, or lets it go on. Only for targets whose abilities say so."""
        raise Failure.unsupported(f"target {self.about.name} cannot hold what it has begun")

    def guard(self, place: Place[S], seconds: int) -> str | None:
        """Sets a dead man's switch, renews it, or takes it away (0 seconds). Only for targets whose abilities say so."""
        raise Failure.unsupported(f"target {self.about.name} does not come back by itself")

    @abstractmethod
    def stop(self, place: Place[S], name: str) -> None:
        """Ends an instance and waits until it has ended; one that is not there is as good. Its logs stay."""

    @abstractmethod
    def logs(self, place: Place[S], name: str, cursor: str) -> LogChunk:
        """The log of an instance after a cursor (empty: from the beginning), at most 1 MiB a call."""

    @abstractmethod
    def cleanup(self, place: Place[S], revision: str) -> None:
        """Removes what a revision has left, when no instance of it runs."""

    def execute(self, place: Place[S], task: Task, begun: bool, wait_ms: int) -> Ended | None:
        """Runs a program once, as an instance would; None if it still runs. Only for targets whose abilities say so."""
        raise self._no_tasks()

    def dismiss(self, place: Place[S], task: Task) -> None:
        """Ends what `execute` has begun, and removes what it has left. Only for targets whose abilities say so."""
        raise self._no_tasks()

    def _no_tasks(self) -> Failure:
        return Failure.unsupported(f"target {self.about.name} runs no programs of its own")


@dataclass(frozen=True)
class TargetDescription:
    name: str
    version: str
    summary: str
    settings_schema: str
    workloads: list[str]
    needs: list[str]


class TargetExport(Exported):
    """The verbs as the contract has them."""

    plugin: ClassVar[type[Target[Any]]]

    @verb
    def describe(self) -> TargetDescription:
        about, plugin = self.plugin.about, self.plugin
        return TargetDescription(
            about.name, about.version, about.summary, about.settings_schema, [*plugin.workloads], [*plugin.needs]
        )

    @verb
    def abilities(self, place: RawPlace) -> Abilities:
        return self.plugin().abilities(place.typed(self.settings).settings)

    @verb
    def observe(self, place: RawPlace) -> list[Instance]:
        return self.plugin().observe(place.typed(self.settings))

    @verb
    def plan(self, place: RawPlace, desired: list[InstanceSpec]) -> list[Change]:
        return self.plugin().plan(place.typed(self.settings), desired)

    @verb
    def claim(self, place: RawPlace, by: str, seconds: U32) -> Claim | None:
        return self.plugin().claim(place.typed(self.settings), by, seconds)

    @verb
    def guard(self, place: RawPlace, seconds: U32) -> str | None:
        return self.plugin().guard(place.typed(self.settings), seconds)

    @verb
    def start(self, place: RawPlace, instance: InstanceSpec) -> None:
        return self.plugin().start(place.typed(self.settings), instance)

    @verb
    def adopt(self, place: RawPlace, instance: InstanceSpec, changes: bool) -> list[Change]:
        return self.plugin().adopt(place.typed(self.settings), instance, changes)

    @verb
    def probe(self, place: RawPlace, name: str, since: str, wait_ms: U32) -> Probed | None:
        return self.plugin().probe_since(place.typed(self.settings), name, since, wait_ms)

    @verb
    def hold(self, place: RawPlace, name: str, on: bool) -> None:
        return self.plugin().hold(place.typed(self.settings), name, on)

    @verb
    def stop(self, place: RawPlace, name: str) -> None:
        return self.plugin().stop(place.typed(self.settings), name)

    @verb
    def logs(self, place: RawPlace, name: str, cursor: str) -> LogChunk:
        return self.plugin().logs(place.typed(self.settings), name, cursor)

    @verb
    def cleanup(self, place: RawPlace, revision: str) -> None:
        return self.plugin().cleanup(place.typed(self.settings), revision)

    @verb
    def execute(self, place: RawPlace, task: Task, begun: bool, wait_ms: U32) -> Ended | None:
        return self.plugin().execute(place.typed(self.settings), task, begun, wait_ms)

    @verb
    def dismiss(self, place: RawPlace, task: Task) -> None:
        return self.plugin().dismiss(place.typed(self.settings), task)


Target._exported = TargetExport
