"""Lines for the log of the run. Recorded, never an error. What is at least a warning is shown to people."""

from enum import Enum

from . import host
from .records import lower


class Level(Enum):
    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


def emit(level: Level, message: str) -> None:
    host.tell("log", "emit", lower(Level, level, "level"), message)


def debug(message: str) -> None:
    emit(Level.DEBUG, message)


def info(message: str) -> None:
    emit(Level.INFO, message)


def warn(message: str) -> None:
    emit(Level.WARN, message)


def error(message: str) -> None:
    emit(Level.ERROR, message)
