"""Time, recorded: a call that is run again sees the same. Python's own clocks stand still."""

from . import host


def now() -> int:
    """Milliseconds since 1970-01-01. [read]"""
    return host.call(int, "clock", "now")


def sleep(ms: int) -> None:
    """[read]"""
    host.tell("clock", "sleep", ms)
