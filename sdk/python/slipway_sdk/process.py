"""The workload of kind `process`: what a format says about a program and a target needs to run it. It is a file in the
deployment folder, so its fields are a format that lives longer than any plugin: they are only ever added to.

`command` and `env` may hold `${app}`, `${config}`, `${data}`, `${instance}`, `${revision}` and `${port.NAME}`, which are known
when an instance starts, and `${secret.NAME}`, which only the host replaces.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .documents import Kebab, Mismatch, dumps, from_json, keys, loads, to_json
from .duration import Duration
from .failure import Failure
from .numbers import U16, U32, U64

KIND = "process"


class _Optional(Kebab):
    """What is not said is not written."""

    def to_json(self) -> dict[str, Any]:
        kind: Any = type(self)
        said = {key: getattr(self, name) for name, key in keys(kind).items()}
        return {key: to_json(value) for key, value in said.items() if value not in (None, {}, Data.NONE)}


@dataclass(frozen=True)
class ProcessPort(_Optional):
    number: U16 | None = None
    """Without it the target chooses a free one."""


@dataclass(frozen=True)
class Health(_Optional):
    """Exactly one of `http` and `tcp`."""

    http: str | None = None
    """Well is what answers `GET` of this path with a success."""
    tcp: bool | None = None
    port: str | None = None
    """A format always fills it in."""
    interval: Duration | None = None
    timeout: Duration | None = None
    healthy_after: U32 | None = None
    unhealthy_after: U32 | None = None
    start_period: Duration | None = None


class Data(Enum):
    """A folder of the service that outlives revisions."""

    NONE = "none"
    SHARED = "shared"
    """Any number of instances may use it at once."""
    EXCLUSIVE = "exclusive"
    """One instance at a time."""


class RestartPolicy(Enum):
    ALWAYS = "always"
    ON_FAILURE = "on-failure"
    NEVER = "never"


@dataclass(frozen=True)
class Restart(_Optional):
    policy: RestartPolicy | None = None
    initial: Duration | None = None
    max: Duration | None = None


class Signal(Enum):
    TERM = "TERM"
    INT = "INT"
    QUIT = "QUIT"
    HUP = "HUP"
    USR1 = "USR1"
    USR2 = "USR2"
    KILL = "KILL"


@dataclass(frozen=True)
class Stop(_Optional):
    signal: Signal | None = None
    timeout: Duration | None = None


@dataclass(frozen=True)
class LogLimit(Kebab):
    max_size: U64
    """Bytes of the newest output that are kept at least."""


@dataclass(frozen=True, kw_only=True)
class Process(_Optional):
    """A program; what is not said has the defaults of the target."""

    kind: str = KIND
    artifact: str
    """The artifact's name."""
    digest: str
    """The digest of its bytes."""
    strip: U32 = 0
    """Leading path elements that are dropped when the artifact is unpacked."""
    instances: U32 = 1
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    ports: dict[str, ProcessPort] = field(default_factory=dict)
    health: Health | None = None
    data: Data = Data.NONE
    workdir: str | None = None
    """Begins with `${app}` or `${data}`."""
    user: str | None = None
    restart: Restart | None = None
    stop: Stop | None = None
    log: LogLimit | None = None

    @classmethod
    def read(cls, file: str, content: bytes) -> "Process":
        """From the file in the deployment folder: keys that are not known are refused. Raises `invalid`, or `unsupported` if it
        is another kind of workload."""
        try:
            process = from_json(cls, loads(content))
        except Mismatch as mismatch:
            raise Failure.invalid(f"{file} is not a workload `process`: {mismatch}") from None
        if process.kind != KIND:
            raise Failure.unsupported(f"{file} is a workload `{process.kind}`, not `process`")
        return process

    def write(self) -> bytes:
        """The file in the deployment folder."""
        return dumps(self, indent=2).encode()
