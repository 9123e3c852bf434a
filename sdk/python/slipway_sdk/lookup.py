"""What the cluster of an environment has now, for a format that makes objects of it: kinds that the artifact's setting
`lookup` lists and that the operator lets be looked up there. Everything raises `Failure`."""

from dataclasses import dataclass
from typing import Any

from . import host
from .settings import parse


@dataclass(frozen=True)
class ClusterCapabilities:
    version: str
    """Such as `v1.35.4`."""
    apis: list[str]
    """What it serves, such as `apps/v1` and `apps/v1/Deployment`; sorted."""


def find(api_version: str, kind: str, namespace: str = "", name: str = "") -> Any | None:
    """One object; without a name a list of all, and without a namespace of all namespaces. None where there is none. [read]"""
    text = host.ask(str | None, "lookup", "find", api_version, kind, namespace, name)
    return None if text is None else parse("the object", text, Any)


def capabilities() -> ClusterCapabilities:
    """What the cluster is. [read]"""
    return host.call(ClusterCapabilities, "lookup", "capabilities")
