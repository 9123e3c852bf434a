"""The guest kit: what a Slipway plugin in Python is written with. A plugin derives from one class (`Target`, `Format`, `Router` or
`Check`) with settings of its own type, and exports it in its module `plugin`:

    class Plugin(Target[Settings]): ...

    Target = export(Plugin)

An exception that is no `Failure` is logged with its traceback before the plugin ends. Outside a component everything can be
imported, so that a plugin's pure parts are tested with `python3 -m unittest`; only a capability that is called there raises.
The meaning of every verb and capability is written in the contract, `wit`. Not here: anything of the host.
"""

from . import blobs, clock, exec, files, http, log, lookup, process, progress, registry, state
from .about import About
from .artifacts import (
    Artifact,
    Dependency,
    DependencyKind,
    Inspection,
    Origin,
    Rendered,
    RenderInput,
    Resolved,
    Workload,
)
from .changes import changes
from .check import Check, Finding, FindingOutcome, Subject, SubjectInstance, SubjectPort, Tally
from .documents import Kebab, Mismatch, dumps, from_json, loads, to_json
from .duration import Duration
from .effect import EffectClass
from .endpoint import Endpoint
from .failure import Failure, FailureKind
from .files import File
from .format import Format
from .http import escape
from .instances import (
    Abilities,
    Change,
    ChangeKind,
    Claim,
    Ended,
    Instance,
    InstanceSpec,
    InstanceState,
    LogChunk,
    Port,
    Probed,
    Task,
)
from .numbers import I32, U16, U32, U64
from .origin import origins
from .process import Process
from .role import export
from .router import Backend, Baseline, Flow, ObservedRoute, Router, RouterAbilities, Routing, Share
from .settings import Place
from .target import Target

__all__ = [
    "Abilities",
    "About",
    "Artifact",
    "Backend",
    "Baseline",
    "blobs",
    "Change",
    "ChangeKind",
    "changes",
    "Check",
    "Claim",
    "clock",
    "Dependency",
    "DependencyKind",
    "dumps",
    "Duration",
    "EffectClass",
    "Ended",
    "Endpoint",
    "escape",
    "exec",
    "export",
    "Failure",
    "FailureKind",
    "File",
    "files",
    "Finding",
    "FindingOutcome",
    "Flow",
    "Format",
    "from_json",
    "http",
    "I32",
    "Inspection",
    "Instance",
    "InstanceSpec",
    "InstanceState",
    "Kebab",
    "loads",
    "log",
    "LogChunk",
    "lookup",
    "Mismatch",
    "ObservedRoute",
    "Origin",
    "origins",
    "Place",
    "Port",
    "Probed",
    "Process",
    "process",
    "progress",
    "registry",
    "Rendered",
    "RenderInput",
    "Resolved",
    "Router",
    "RouterAbilities",
    "Routing",
    "Share",
    "state",
    "Subject",
    "SubjectInstance",
    "SubjectPort",
    "Tally",
    "Target",
    "Task",
    "to_json",
    "U16",
    "U32",
    "U64",
    "Workload",
]
