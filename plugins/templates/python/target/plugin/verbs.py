"""Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done already
is answered from the record."""

from slipway_sdk import (
    Abilities,
    About,
    Endpoint,
    Failure,
    Instance,
    InstanceSpec,
    LogChunk,
    Place,
    Process,
    Target,
    escape,
    files,
    process,
)

from . import api
from .settings import Settings

API = Endpoint("api")
"""Known by the setting that names it."""
DEPLOYMENT = "deployment"
"""The files that `adapt` made for the environment."""
CONFIG = "config"
STOP_MS = 60_000
UPLOAD_MS = 600_000


class Plugin(Target[Settings]):
    about = About.of_project(__file__)
    workloads = [process.KIND]
    needs = ["endpoint of api", "folder deployment"]

    def abilities(self, settings: Settings) -> Abilities:
        return Abilities(side_by_side=True)

    def observe(self, place: Place[Settings]) -> list[Instance]:
        path = f"/v1/instances?service={escape(place.service)}&environment={escape(place.environment)}"
        return [found.seen() for found in API.get_json(path, api.List).instances]

    def start(self, place: Place[Settings], instance: InstanceSpec) -> None:
        """Asked for twice, the platform does nothing the second time: that is what makes it safe to call again."""
        wanted = Process.read(instance.workload, files.read(DEPLOYMENT, instance.workload))
        artifact = f"/v1/artifacts/{escape(instance.blob)}"
        if API.find_json(artifact, api.Artifact) is None:
            API.put_blob(artifact, instance.blob, UPLOAD_MS)
        API.put_json(_path(instance.name), api.Wanted.of(place, instance, wanted, _config()))

    def probe(self, place: Place[Settings], name: str) -> Instance | None:
        found = API.find_json(_path(name), api.Instance)
        return None if found is None else found.seen()

    def stop(self, place: Place[Settings], name: str) -> None:
        API.remove(_path(name), STOP_MS)

    def logs(self, place: Place[Settings], name: str, cursor: str) -> LogChunk:
        start = cursor or "0"
        log = API.get(f"{_path(name)}/log?from={escape(start)}")
        return LogChunk(content=log.body, next=log.header("next-offset") or start, end=not log.body)

    def cleanup(self, place: Place[Settings], revision: str) -> None:
        at = f"service={escape(place.service)}&environment={escape(place.environment)}"
        API.remove(f"/v1/revisions/{escape(revision)}?{at}", STOP_MS)


def _config() -> dict[str, str]:
    """The final configuration of the environment: what each file is called, and what it holds."""
    config = {}
    for file in files.list_files(DEPLOYMENT, CONFIG):
        if file.directory:
            continue
        try:
            text = files.read(DEPLOYMENT, file.path).decode()
        except UnicodeDecodeError:
            raise Failure.unsupported(f"{file.path} is not text") from None
        config[file.path.removeprefix(CONFIG).lstrip("/")] = text
    return config


def _path(name: str) -> str:
    return f"/v1/instances/{escape(name)}"
