"""Failures in one line: what kind, what happened, and what to do next."""

from enum import Enum


class FailureKind(Enum):
    """Whose a failure is, and whether it may pass."""

    INVALID = "invalid"
    """The input is wrong."""
    UNSUPPORTED = "unsupported"
    """It cannot be done here."""
    REFUSED = "refused"
    """It is not allowed."""
    UNAVAILABLE = "unavailable"
    """It may work later; the host may try again."""
    FAILED = "failed"
    """Everything else."""


class Failure(Exception):
    """Raised by a verb, or by a capability: the call failed, and a person is told why.

    Any other exception that leaves a verb is a mistake of the plugin: it is logged with its traceback, and the plugin ends.
    """

    def __init__(self, kind: FailureKind, message: str, hint: str | None = None) -> None:
        """`message`: what happened, where and why, in one line. `hint`: the next step, if there is one."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint

    @classmethod
    def invalid(cls, message: str, hint: str | None = None) -> "Failure":
        """The input is wrong."""
        return cls(FailureKind.INVALID, message, hint)

    @classmethod
    def unsupported(cls, message: str, hint: str | None = None) -> "Failure":
        """It cannot be done here."""
        return cls(FailureKind.UNSUPPORTED, message, hint)

    @classmethod
    def refused(cls, message: str, hint: str | None = None) -> "Failure":
        """It is not allowed."""
        return cls(FailureKind.REFUSED, message, hint)

    @classmethod
    def unavailable(cls, message: str, hint: str | None = None) -> "Failure":
        """It may work later."""
        return cls(FailureKind.UNAVAILABLE, message, hint)

    @classmethod
    def failed(cls, message: str, hint: str | None = None) -> "Failure":
        """Everything else."""
        return cls(FailureKind.FAILED, message, hint)

    def while_doing(self, what: str) -> "Failure":
        """The same, which says first what was being done when it happened."""
        return Failure(self.kind, f"{what}: {self.message}", self.hint)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Failure):
            return NotImplemented
        return (self.kind, self.message, self.hint) == (other.kind, other.message, other.hint)

    __hash__ = Exception.__hash__
