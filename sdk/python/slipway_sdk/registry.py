"""Registries by the names of deploy.toml. Everything raises `Failure`."""

from dataclasses import dataclass

from . import host
from .numbers import U64


@dataclass(frozen=True)
class Descriptor:
    media_type: str
    digest: str
    size: U64


def resolve(registry: str, repository: str, reference: str) -> Descriptor:
    """What a tag or digest names now. [read]"""
    return host.call(Descriptor, "registry", "resolve", registry, repository, reference)


def manifest(registry: str, repository: str, digest: str) -> bytes:
    """The bytes of a manifest, at most 4 MiB, verified. [read]"""
    return host.call(bytes, "registry", "manifest", registry, repository, digest)
