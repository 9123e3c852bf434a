"""JSON over HTTP to a granted endpoint: what most targets and routers do all day. An answer that is no success becomes a failure
of the kind that its status means, with the words of the answer."""

from dataclasses import dataclass
from typing import Any, TypeVar, overload

from . import http
from .effect import EffectClass
from .failure import Failure
from .settings import print_json

T = TypeVar("T")

TIMEOUT_MS = 30_000


@dataclass(frozen=True)
class Endpoint:
    """A granted endpoint, by its name. Everything raises `Failure`; times are in milliseconds."""

    name: str

    def get(self, path: str) -> http.Response:
        """[read]"""
        return self._sent("GET", path).success("GET", path)

    @overload
    def get_json(self, path: str) -> Any: ...

    @overload
    def get_json(self, path: str, kind: type[T]) -> T: ...

    def get_json(self, path: str, kind: Any = Any) -> Any:
        """The answer as a type, or as it came. [read]"""
        return self.get(path).json(kind)

    @overload
    def find_json(self, path: str) -> Any: ...

    @overload
    def find_json(self, path: str, kind: type[T]) -> T | None: ...

    def find_json(self, path: str, kind: Any = Any) -> Any:
        """The same; None if it is not there. [read]"""
        response = self._sent("GET", path)
        return None if response.status == 404 else response.success("GET", path).json(kind)

    def put_json(self, path: str, body: Any) -> http.Response:
        """Anything that can be written as JSON, such as a dataclass. [idempotent]"""
        content = print_json("the request", body).encode()
        return self._sent("PUT", path, content).success("PUT", path)

    def put_blob(self, path: str, blob: str, timeout_ms: int) -> http.Response:
        """A blob of the call, however large: it is streamed by the host. [idempotent]"""
        return self._sent("PUT", path, http.Blob(blob), timeout_ms).success("PUT", path)

    def delete(self, path: str, timeout_ms: int) -> http.Response:
        """Ends what the path names, which may take until `timeout_ms`. [idempotent]"""
        return self._sent("DELETE", path, timeout_ms=timeout_ms).success("DELETE", path)

    def remove(self, path: str, timeout_ms: int) -> None:
        """The same where nothing there is as good. [idempotent]"""
        response = self._sent("DELETE", path, timeout_ms=timeout_ms)
        if response.status != 404:
            response.success("DELETE", path)

    def send_all(self, requests: list[http.Request]) -> list[http.Response | Failure]:
        """Many at the same time, none of them `ONCE`; the answers are in the order of the requests."""
        return http.send_all(self.name, requests)

    def _sent(
        self, method: str, path: str, body: bytes | http.Blob = b"", timeout_ms: int = TIMEOUT_MS
    ) -> http.Response:
        effect = EffectClass.READ if method == "GET" else EffectClass.IDEMPOTENT
        kind = "application/octet-stream" if isinstance(body, http.Blob) else "application/json"
        headers = [("content-type", kind)] if body else []
        request = http.Request(method, path, effect, headers, body, timeout_ms)
        try:
            return http.send(self.name, request)
        except Failure as failure:
            raise failure.while_doing(f"{method} {path}") from None
