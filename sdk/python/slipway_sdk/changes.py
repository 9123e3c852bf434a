"""What would change: desired against observed. Pure. The words are those of the kit in Rust, so that plans are the same."""

from collections.abc import Sequence

from .instances import Change, ChangeKind, Instance, InstanceSpec, InstanceState
from .text import first_line

_ENDED = (InstanceState.FAILED, InstanceState.STOPPING, InstanceState.STOPPED)


def changes(observed: Sequence[Instance], desired: Sequence[InstanceSpec]) -> list[Change]:
    """For a target whose instances are told from one another by their names and revisions alone."""
    known = {found.name: found for found in observed}
    names = {spec.name for spec in desired}
    wanted = [_wanted(known.get(spec.name), spec) for spec in desired]
    return wanted + [_unwanted(found) for found in observed if found.name not in names]


def _wanted(found: Instance | None, spec: InstanceSpec) -> Change:
    if found is None:
        detail = f"start artifact {spec.artifact} of revision {_short(spec.revision)}"
        return Change(ChangeKind.CREATE, spec.name, detail)
    if found.revision != spec.revision:
        detail = f"revision {_short(found.revision)} with {_short(spec.revision)}"
        return Change(ChangeKind.REPLACE, spec.name, detail, found.revision)
    if found.state in _ENDED:
        return Change(ChangeKind.REPLACE, spec.name, f"{_state(found)}; start it anew", found.revision)
    return Change(ChangeKind.KEEP, spec.name, _state(found), found.revision)


def _unwanted(found: Instance) -> Change:
    detail = f"stop it; revision {_short(found.revision)}, {_state(found)}"
    return Change(ChangeKind.REMOVE, found.name, detail, found.revision)


def _state(instance: Instance) -> str:
    state = instance.state.value
    return f"{state}: {first_line(instance.detail)}" if instance.detail else state


def _short(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    return digits[:8] if digits.isascii() else digits
