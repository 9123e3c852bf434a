"""HTTP to endpoints by name. The host holds the address, the credentials and TLS; a path is never a URL. What most plugins want
is `Endpoint`; this is what there is for everything else."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar, overload

from . import host
from .documents import Mismatch, from_json, loads
from .effect import EffectClass
from .failure import Failure, FailureKind
from .numbers import U16, U32
from .records import lift, lower
from .text import first_line

T = TypeVar("T")


@dataclass(frozen=True)
class Blob:
    """A body: a blob of the call as it is, however large, streamed by the host."""

    digest: str


@dataclass(frozen=True)
class Archived:
    """A body: one regular file of an archive, as `blobs.entries` names it."""

    blob: str
    path: str


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Begins with one `/`; may carry a query."""
    effect: EffectClass
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Blob | Archived = b""
    """`${secret.NAME}` in bytes is replaced on the way out."""
    timeout_ms: U32 = 30_000
    quiet_ms: U32 = 0
    """0: the answer is the whole body. Otherwise it is the lines that have come as soon as there are any and nothing more has
    come for so long; or 256 KiB have; or the body ends; or the time is up. For what goes on being told: a watch."""


@dataclass(frozen=True)
class Response:
    status: U16
    headers: list[tuple[str, str]]
    body: bytes

    @overload
    def json(self) -> Any: ...

    @overload
    def json(self, kind: type[T]) -> T: ...

    def json(self, kind: Any = Any) -> Any:
        """The body as a type: keys that the type does not have are passed over, as a newer server may send them. Raises
        `failed` if it is something else."""
        try:
            return from_json(kind, loads(self.body), more=True)
        except Mismatch as mismatch:
            raise Failure.failed(f"the answer is not what was expected: {mismatch}") from None

    def header(self, name: str) -> str | None:
        """The first header of a name, in whichever case."""
        return next((value for found, value in self.headers if found.lower() == name.lower()), None)

    def success(self, method: str, path: str) -> "Response":
        """Itself if the status says success. Otherwise raises what the status means, in the words of the answer."""
        if 200 <= self.status < 300:
            return self
        message = f"{method} {path} was answered {self.status}: {_words(self.body)}"
        raise Failure(_kind(self.status), message)


def send(endpoint: str, request: Request) -> Response:
    """An answer of any status is no failure; none is. Redirects are not followed. [as the request says]"""
    return host.call(Response, "http", "send", endpoint, _lower(request))


def send_all(endpoint: str, requests: list[Request]) -> list[Response | Failure]:
    """Sends them at the same time, at most 64 under way; the answers are in the order of the requests. None may be `ONCE`. The
    first one with `quiet_ms` that is answered ends the others with it. [idempotent, or read where all of them are]"""
    lowered = [_lower(request) for request in requests]
    answers = host.ask(Any, "http", "send_all", endpoint, lowered)
    return [
        host.failure(one.value) if isinstance(one, host.Err) else lift(Response, one.value) for one in answers
    ]


def escape(text: str) -> str:
    """One segment of a path or value of a query, with everything escaped that means something there."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in text.encode())


def _lower(request: Request) -> SimpleNamespace:
    module = host.bindings("http")
    match request.body:
        case Blob(digest):
            body = module.Content_Blob(digest)
        case Archived(blob, path):
            body = module.Content_Archived(module.Archived(blob, path))
        case content:
            body = module.Content_Bytes(lower(bytes, content, "the request's body"))
    return SimpleNamespace(
        method=request.method,
        path=request.path,
        headers=lower(list[tuple[str, str]], request.headers, "the request's headers"),
        body=body,
        timeout_ms=lower(U32, request.timeout_ms, "the request's timeout"),
        quiet_ms=lower(U32, request.quiet_ms, "the request's quiet time"),
        effect=lower(EffectClass, request.effect, "the request's effect"),
    )


def _kind(status: int) -> FailureKind:
    match status:
        case 400 | 422:
            return FailureKind.INVALID
        case 401 | 403 | 409 | 412:
            return FailureKind.REFUSED
        case 405 | 501:
            return FailureKind.UNSUPPORTED
        case 408 | 429:
            return FailureKind.UNAVAILABLE
    return FailureKind.UNAVAILABLE if 500 <= status < 600 else FailureKind.FAILED


def _words(body: bytes) -> str:
    """What an error's body says to a person: the usual fields of JSON, otherwise its first line."""
    try:
        said = loads(body)
    except Mismatch:
        said = None
    fields = [said.get("error"), said.get("message")] if isinstance(said, dict) else []
    text = next((one for one in fields if isinstance(one, str)), body.decode(errors="replace"))
    return first_line(text)[:500] or "no explanation"
