"""What the platform speaks. Change this to what yours does."""

from dataclasses import dataclass
from enum import Enum

import slipway_sdk as sdk
from slipway_sdk.process import Data, Health, Process

from .settings import Settings


@dataclass(frozen=True)
class Artifact:
    """`GET /v1/artifacts/DIGEST`: the bytes are there."""


@dataclass(frozen=True)
class Wanted:
    """`PUT /v1/instances/NAME`"""

    service: str
    environment: str
    region: str
    revision: str
    artifact: str
    strip: int
    """Leading path elements that are dropped when the artifact is unpacked."""
    command: list[str]
    """`${app}`, `${config}`, `${port.NAME}` and the like are replaced by the platform. `${secret.NAME}` never comes so far:
    Slipway puts the secret there on the way out."""
    env: dict[str, str]
    ports: list[str]
    config: dict[str, str]
    """What each file below `${config}` is called, and what it holds."""
    health: Health | None

    @classmethod
    def of(
        cls, place: sdk.Place[Settings], instance: sdk.InstanceSpec, process: Process, config: dict[str, str]
    ) -> "Wanted":
        """What the platform cannot give is refused: nothing that people wrote is passed over in silence."""
        for setting, is_said in (
            ("data", process.data is not Data.NONE),
            ("workdir", process.workdir is not None),
            ("user", process.user is not None),
        ):
            if is_said:
                raise sdk.Failure.unsupported(f"this platform knows no `{setting}`")
        return cls(
            service=place.service,
            environment=place.environment,
            region=place.settings.region,
            revision=instance.revision,
            artifact=instance.blob,
            strip=process.strip,
            command=process.command,
            env=process.env,
            ports=sorted(process.ports),
            config=config,
            health=process.health,
        )


class State(Enum):
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Instance:
    """`GET /v1/instances/NAME`"""

    name: str
    revision: str
    state: State
    ports: dict[str, str]
    """Names, and `host:port`."""
    restarts: sdk.U32
    detail: str
    """Why it is not healthy."""

    def seen(self) -> sdk.Instance:
        """As Slipway wants to know it."""
        return sdk.Instance(
            name=self.name,
            revision=self.revision,
            state=sdk.InstanceState[self.state.name],
            ports=[sdk.Port(name, address) for name, address in self.ports.items()],
            restarts=self.restarts,
            detail=self.detail,
        )


@dataclass(frozen=True)
class List:
    """`GET /v1/instances?service=..&environment=..`"""

    instances: list[Instance]
