"""Named folders that the host granted. Paths are relative and cannot leave the folder, not even by a link.

Everything raises `Failure`.
"""

from dataclasses import dataclass

from . import host
from .numbers import U64


@dataclass(frozen=True)
class File:
    """A file that a plugin makes or is given."""

    path: str
    """Relative, with `/`, never leaving its folder."""
    content: bytes


@dataclass(frozen=True)
class Entry:
    path: str
    directory: bool
    size: U64


def read(folder: str, path: str) -> bytes:
    """The whole file, at most 16 MiB. [read]"""
    return host.call(bytes, "files", "read", folder, path)


def list_files(folder: str, path: str = "") -> list[Entry]:
    """The files below `path` (empty: the whole folder), sorted, at most 10,000; nothing there is an empty list. [read]"""
    return host.call(list[Entry], "files", "list_files", folder, path)


def write(folder: str, path: str, content: bytes) -> None:
    """Replaces the file as a whole, with its folders. [idempotent]"""
    host.tell("files", "write", folder, path, content)


def copy(from_folder: str, path: str, to_folder: str, to: str) -> None:
    """A file or a folder with all it holds, streamed by the host. [idempotent]"""
    host.tell("files", "copy", from_folder, path, to_folder, to)


def remove(folder: str, path: str) -> None:
    """A file or a folder with all it holds; nothing there is no error. [idempotent]"""
    host.tell("files", "remove", folder, path)
