"""What a target is told of, and what it answers. The meaning of each is written in the contract, `target.wit`."""

from dataclasses import dataclass, field
from enum import Enum

from .numbers import I32, U32, U64


@dataclass(frozen=True)
class Abilities:
    """What can be done at one place."""

    side_by_side: bool
    """Can two revisions run beside each other?"""
    in_place: bool = False
    """Does `start` put an instance in the place of the one of another revision, without `stop`?"""
    hold: bool = False
    """Can what `start` has begun be held where it is? Only then `hold` is called."""
    guard: bool = False
    """Can it come back by itself to what ran? Only then `guard` is called."""
    execute: bool = False
    """Can it run a program once, as an instance would? Only then `execute` and `dismiss` are called."""


@dataclass(frozen=True)
class InstanceSpec:
    """The granted folder `deployment` is that of the instance's revision."""

    name: str
    revision: str
    """The digest (`sha256:...`) of the deployment folder."""
    artifact: str
    blob: str
    """The digest of the artifact's bytes."""
    workload: str
    """The workload's file in the folder `deployment`."""
    back: bool = False
    """It ran here before and is brought back. Never true in `plan`."""


class InstanceState(Enum):
    """`PARTIAL`: it takes the place of another step by step, and the step that was begun stands well."""

    STARTING = "starting"
    PARTIAL = "partial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Port:
    name: str
    address: str
    """`host:port`, or `ENDPOINT:/PATH` for what is reached through an endpoint of the call."""


@dataclass(frozen=True)
class Instance:
    name: str
    revision: str
    state: InstanceState
    ports: list[Port] = field(default_factory=list)
    since: U64 | None = None
    """Milliseconds since 1970 at which the state began, if known."""
    restarts: U32 = 0
    detail: str = ""
    """Why it is not healthy: cause first, then the last lines of its log."""


@dataclass(frozen=True)
class Probed:
    """An instance as it was seen; none if it is not there."""

    instance: Instance | None
    next: str = ""
    """From where a change of it can be waited for; empty where a target cannot wait."""


@dataclass(frozen=True)
class Task:
    """A program that runs once with what an instance of a revision has."""

    name: str
    """The place knows it by this name, which no other task ever has."""
    revision: str
    artifact: str
    blob: str
    workload: str
    """The workload's file in the folder `deployment`."""
    part: str
    """Which part of the workload, in the target's own words; empty where nobody has said."""
    run: list[str]
    """Program and arguments, in the place of the workload's own."""
    variables: list[tuple[str, str]]
    """More environment variables, over the workload's own."""
    timeout_ms: U64
    """The place ends it when it has run for so long."""


@dataclass(frozen=True)
class Ended:
    """How a task has ended."""

    code: I32 | None
    """None if it did not end by itself, or nobody saw how."""
    why: str = ""
    """Why there is no code, for a person; empty where there is one."""
    said: str = ""
    """The end of what it said, at most 4 KiB."""


class ChangeKind(Enum):
    CREATE = "create"
    KEEP = "keep"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    subject: str
    detail: str
    seen: str = ""
    """What was seen of the subject, such as its version: a saved plan is refused when it is another."""


@dataclass(frozen=True)
class Claim:
    """Who has claimed a place."""

    ours: bool
    """The caller has it."""
    by: str
    since: U64 | None
    """Milliseconds since 1970."""
    token: str
    """Another one whenever somebody else has had it in between."""


@dataclass(frozen=True)
class LogChunk:
    content: bytes
    """At most 1 MiB."""
    next: str
    """Where the next call begins."""
    end: bool
    """There is no more for now."""
