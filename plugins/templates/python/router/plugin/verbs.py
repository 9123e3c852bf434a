"""Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done already
is answered from the record."""

from dataclasses import dataclass

from slipway_sdk import (
    About,
    Endpoint,
    Failure,
    LogChunk,
    ObservedRoute,
    Place,
    Router,
    RouterAbilities,
    Routing,
    escape,
)

from . import api

API = Endpoint("api")
"""Known by the setting that names it."""
REMOVE_MS = 30_000


@dataclass(frozen=True)
class Settings:
    """What `deploy.toml` says in `router = { .. }`; its schema is in `settings.schema.json`."""

    api: str
    """Read by Slipway, which gives the endpoint of that name."""
    host: str
    """Where users come in."""
    port: str = "http"
    """The port of an instance that users are sent to, by its name."""


class Plugin(Router[Settings]):
    about = About.of_project(__file__)
    needs = ["endpoint of api"]

    def abilities(self, settings: Settings) -> RouterAbilities:
        return RouterAbilities(weights=True)

    def port(self, settings: Settings) -> str:
        return settings.port

    def observe(self, place: Place[Settings]) -> ObservedRoute:
        return _found(place).seen()

    def route(self, place: Place[Settings], routing: Routing) -> None:
        """All of it in one request: users never see half of a change."""
        API.put_json(_path(place), api.Wanted.of(place.settings.host, routing))

    def drain(self, place: Place[Settings], instance: str) -> int:
        return _found(place).in_flight(instance)

    def logs(self, place: Place[Settings], cursor: str) -> LogChunk:
        start = cursor or "0"
        log = API.get(f"{_path(place)}/log?from={escape(start)}")
        return LogChunk(content=log.body, next=log.header("next-offset") or start, end=not log.body)

    def metrics(self, place: Place[Settings]) -> str:
        try:
            return API.get(f"{_path(place)}/metrics").body.decode()
        except UnicodeDecodeError:
            raise Failure.failed("the metrics are not text") from None

    def remove(self, place: Place[Settings]) -> None:
        API.remove(_path(place), REMOVE_MS)


def _found(place: Place[Settings]) -> api.Found:
    return API.find_json(_path(place), api.Found) or api.NOTHING


def _path(place: Place[Settings]) -> str:
    return f"/v1/routes/{escape(f'{place.service}-{place.environment}')}"
