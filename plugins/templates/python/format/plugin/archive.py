"""What is read of the archive, and what is made of it. Change this to what yours holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slipway_sdk import (
    U32,
    About,
    Artifact,
    Failure,
    File,
    Format,
    Inspection,
    Mismatch,
    Process,
    Rendered,
    RenderInput,
    Workload,
    blobs,
    from_json,
    loads,
)
from slipway_sdk.process import KIND, Health, ProcessPort

DESCRIPTION = "app.json"
"""In the archive."""


@dataclass(frozen=True)
class Settings:
    """What `deploy.toml` says in `[artifacts.NAME]` besides `format` and `from`; its schema is in `settings.schema.json`."""

    instances: U32 = 1
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class App:
    """`app.json`. What `inspect` finds is kept in the package, and `render` is told of it."""

    command: list[str]
    ports: list[str] = field(default_factory=list)
    health: str | None = None
    """Answers to `GET` on the first port while all is well, such as `/health`."""


class Plugin(Format[Settings, App]):
    about = About.of_project(__file__)

    def inspect(self, artifact: Artifact) -> Inspection[App]:
        files = blobs.files(artifact.blob)
        app = app_of(files)
        return Inspection(f"{len(files)} files, starts {' '.join(app.command)}", app)

    def render(self, input: RenderInput[Settings, App]) -> Rendered:
        return rendered(input)


def app_of(files: Sequence[File]) -> App:
    """Wherever it is wrong, it is said at release: long before anything is touched."""
    found = next((file for file in files if file.path == DESCRIPTION), None)
    if found is None:
        raise Failure.invalid(f"the archive holds no {DESCRIPTION}", hint="it belongs at the top of the archive")
    try:
        app = from_json(App, loads(found.content))
    except Mismatch as mismatch:
        raise Failure.invalid(f"{DESCRIPTION}: {mismatch}") from None
    if not app.command:
        raise Failure.invalid(f"{DESCRIPTION}: `command` names no program")
    if app.health is not None and not app.ports:
        raise Failure.invalid(f"{DESCRIPTION}: `health` needs a port in `ports`")
    return app


def rendered(input: RenderInput[Settings, App]) -> Rendered:
    """Pure: the same input gives the same bytes."""
    app, settings = input.facts, input.settings
    health = None
    if app.health is not None and app.ports:
        health = Health(http=app.health, port=app.ports[0])
    process = Process(
        artifact=input.artifact,
        digest=input.blob,
        command=app.command,
        instances=settings.instances,
        env=settings.env,
        ports={port: ProcessPort() for port in app.ports},
        health=health,
    )
    path = f"workloads/{input.artifact}.json"
    return Rendered([File(path, process.write())], Workload(KIND, path, settings.instances, app.ports))
