"""What a format is told of, and what it answers. The meaning of each is written in the contract, `format.wit`."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from .files import File
from .numbers import U32

S = TypeVar("S")
F = TypeVar("F")


class DependencyKind(Enum):
    IMAGE = "image"
    """An OCI image or index. It goes into the deployment registry whole."""
    FILE = "file"
    """One file. Its bytes are handed to `inspect`, which is then asked again, and to `render`."""
    INDEX = "index"
    """One file that says where others are. It is read anew by each release and handed to `inspect` alone."""


@dataclass(frozen=True)
class Dependency:
    """What the artifact needs and does not hold. Release brings it; its digest is kept in the package."""

    kind: DependencyKind
    reference: str
    """`nginx:1.25` for an image; `oci://host/repository:tag` or `https://...`, both with `#sha256:...` where the digest is known,
    or `./path` beside deploy.toml for a file; `https://...` for an index."""
    place: str
    """Where it is written, for people."""


@dataclass(frozen=True)
class Resolved:
    """What release made of a dependency."""

    reference: str
    digest: str
    """Of the image's manifest, or of the file's bytes."""
    pull: str | None
    """What an image is pulled by from the deployment registry: `host/repository@sha256:...`."""


@dataclass(frozen=True)
class Artifact:
    name: str
    blob: str
    """The digest of its bytes."""
    size: int
    """Bytes."""
    settings: dict[str, Any]
    """As written in deploy.toml: any value may still be a template, so they have no type of their own yet."""
    brought: list[Resolved] = field(default_factory=list)
    """What `inspect` had asked for and was brought: it is asked again with it."""


@dataclass(frozen=True)
class Inspection(Generic[F]):
    summary: str
    """One line, for people."""
    facts: F
    """What `render` will want to know; kept in the package."""
    dependencies: list[Dependency] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What people should know of the artifact, a line each, such as what of it will not happen."""


@dataclass(frozen=True)
class RenderInput(Generic[S, F]):
    service: str
    environment: str
    artifact: str
    """The artifact's name."""
    blob: str
    """The digest of its bytes."""
    facts: F
    settings: S
    """With every template expanded."""
    written: dict[str, Any]
    """The same settings as they came, to say where values are from."""
    config: list[str]
    """The paths of the final configuration files."""
    resolved: list[Resolved]
    """What release made of the dependencies."""
    target: dict[str, Any]
    """The settings of the environment's target."""


@dataclass(frozen=True)
class Origin:
    """Where a final value came from: `pointer` and `setting` are JSON pointers."""

    file: str
    pointer: str
    setting: str


@dataclass(frozen=True)
class Workload:
    """Something that a target can run."""

    kind: str
    """What a target must understand, such as `process`."""
    file: str
    """The file among `files` that says everything."""
    instances: U32
    ports: list[str]
    exclusive: str | None = None
    """Why two revisions cannot run side by side, if they cannot."""


@dataclass(frozen=True)
class Rendered:
    files: list[File]
    workload: Workload | None = None
    origins: list[Origin] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """As those of `Inspection`, of one environment."""
