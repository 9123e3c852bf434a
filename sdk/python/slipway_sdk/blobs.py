"""Big immutable bytes, which stay with the host: a plugin has their digest. Everything raises `Failure`."""

from dataclasses import dataclass
from enum import Enum

from . import host
from .files import File
from .numbers import U32, U64


class EntryKind(Enum):
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    DEVICE = "device"
    OTHER = "other"


@dataclass(frozen=True)
class ArchiveEntry:
    path: str
    kind: EntryKind
    size: U64
    mode: U32
    target: str | None
    """Of a link."""


def entries(blob: str) -> list[ArchiveEntry]:
    """The entries of a tar, tar.gz, tar.zst or zip, as they stand, at most 100,000. [read]"""
    return host.call(list[ArchiveEntry], "blobs", "entries", blob)


def files(blob: str) -> list[File]:
    """The regular files of an archive with what they hold, sorted by path, at most 10,000 and 16 MiB together. [read]"""
    return host.call(list[File], "blobs", "files", blob)


def read(blob: str) -> bytes:
    """The bytes themselves, at most 16 MiB: a manifest, a list. [read]"""
    return host.call(bytes, "blobs", "read", blob)


def unpack(blob: str, folder: str, path: str, strip: int = 0) -> None:
    """Unpacks into a folder that this call alone fills: complete or not there. Absolute paths, `..`, links that leave,
    devices and bombs are refused. `strip` leading path elements are dropped. [idempotent]"""
    host.tell("blobs", "unpack", blob, folder, path, strip)


def place(blob: str, folder: str, path: str, executable: bool = False) -> None:
    """The bytes as one file. [idempotent]"""
    host.tell("blobs", "place", blob, folder, path, executable)
