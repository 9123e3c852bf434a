"""How far a long call is, for whoever watches."""

from . import host


def report(what: str, done: int, total: int | None = None) -> None:
    host.tell("progress", "report", what, done, total)
