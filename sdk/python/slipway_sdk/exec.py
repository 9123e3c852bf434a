"""Programs on hosts by name. No shell: a program and its arguments."""

from dataclasses import dataclass, field

from . import host
from .effect import EffectClass
from .numbers import I32, U32
from .records import lower


@dataclass(frozen=True)
class Command:
    program: str
    arguments: list[str] = field(default_factory=list)
    environment: list[tuple[str, str]] = field(default_factory=list)
    stdin: bytes = b""
    timeout_ms: U32 = 30_000
    effect: EffectClass = EffectClass.ONCE


@dataclass(frozen=True)
class Output:
    code: I32 | None
    """None if a signal ended it."""
    stdout: bytes
    stderr: bytes


def run(on: str, command: Command) -> Output:
    """Runs it on a granted host and waits. An exit code is no failure; raises `Failure`. [as the command says]"""
    return host.call(Output, "exec", "run", on, lower(Command, command, "command"))
