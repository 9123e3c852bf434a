"""The role of a format: one kind of artifact, with settings and facts of the plugin's own types. When each verb is called and how
often is written in the contract, `format.wit`."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from .artifacts import Artifact, Dependency, Inspection, Rendered, RenderInput, Resolved
from .files import File
from .numbers import U64
from .role import Exported, Role, verb
from .settings import parse, print_json

S = TypeVar("S")
F = TypeVar("F")


class Format(Role, Generic[S, F]):
    """`class Plugin(Format[Settings, Facts])`, where both are dataclasses: the settings with every template expanded, and what
    `inspect` found out and `render` wants to know. Every verb raises `Failure` where it fails."""

    @abstractmethod
    def inspect(self, artifact: Artifact) -> Inspection[F]:
        """Release: what is this artifact, and is it sound?"""

    def assemble(self, artifact: Artifact, facts: F) -> list[File]:
        """Release: what the package must hold besides the artifact and the configuration."""
        return []

    @abstractmethod
    def render(self, input: RenderInput[S, F]) -> Rendered:
        """Adapt: the deployment files of one environment. Pure: the same input gives the same bytes."""

    def show(self, input: RenderInput[S, F]) -> bytes:
        """What `render` makes of it, as people of this format read it. Pure."""
        return b"\n".join(file.content for file in self.render(input).files)


@dataclass(frozen=True)
class FormatDescription:
    name: str
    version: str
    summary: str
    settings_schema: str


@dataclass(frozen=True)
class RawArtifact:
    name: str
    blob: str
    size: U64
    settings: str

    def typed(self, brought: list[Resolved]) -> Artifact:
        settings = parse("the settings", self.settings, dict[str, Any])
        return Artifact(self.name, self.blob, self.size, settings, brought)


@dataclass(frozen=True)
class RawInspection:
    summary: str
    facts: str
    dependencies: list[Dependency]
    notes: list[str]


@dataclass(frozen=True)
class RawRenderInput:
    service: str
    environment: str
    artifact: RawArtifact
    facts: str
    settings: str
    config: list[str]
    resolved: list[Resolved]
    target: str

    def typed(self, settings: type[S], facts: type[F]) -> RenderInput[S, F]:
        return RenderInput(
            service=self.service,
            environment=self.environment,
            artifact=self.artifact.name,
            blob=self.artifact.blob,
            facts=parse("the facts", self.facts, facts),
            settings=parse("the settings", self.settings, settings),
            written=parse("the settings", self.settings, dict[str, Any]),
            config=self.config,
            resolved=self.resolved,
            target=parse("the target's settings", self.target, dict[str, Any]),
        )


class FormatExport(Exported):
    """The verbs as the contract has them."""

    plugin: ClassVar[type[Format[Any, Any]]]

    @property
    def facts(self) -> Any:
        """The type of the facts."""
        return self.plugin._arguments[1]

    @verb
    def describe(self) -> FormatDescription:
        about = self.plugin.about
        return FormatDescription(about.name, about.version, about.summary, about.settings_schema)

    @verb
    def inspect(self, artifact: RawArtifact, brought: list[Resolved]) -> RawInspection:
        found = self.plugin().inspect(artifact.typed(brought))
        facts = print_json("the facts", found.facts)
        return RawInspection(found.summary, facts, found.dependencies, found.notes)

    @verb
    def assemble(self, artifact: RawArtifact, facts: str) -> list[File]:
        return self.plugin().assemble(artifact.typed([]), parse("the facts", facts, self.facts))

    @verb
    def render(self, input: RawRenderInput) -> Rendered:
        return self.plugin().render(input.typed(self.settings, self.facts))

    @verb
    def show(self, input: RawRenderInput) -> bytes:
        return self.plugin().show(input.typed(self.settings, self.facts))


Format._exported = FormatExport
