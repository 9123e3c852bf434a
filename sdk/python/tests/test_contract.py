"""The kit's types are those of the contract: the same fields and cases, in the same order."""

import re
import unittest
from pathlib import Path

from slipway_sdk import artifacts, blobs, check, effect, exec, failure, files, instances, lookup, registry, router
from slipway_sdk import format as formats
from slipway_sdk import http, log, settings, target
from slipway_sdk.host import CAPABILITIES
from slipway_sdk.records import names

CONTRACT = Path(__file__).parents[2] / "wit" / "slipway-plugin@0.1.0"

# What the kit calls what the contract has, by its file.
TYPES = {
    "types": {
        "effect-class": effect.EffectClass, "failure-kind": failure.FailureKind, "file": files.File,
        "place": settings.RawPlace,
    },
    "capabilities": {
        "level": log.Level, "entry": files.Entry, "entry-kind": blobs.EntryKind, "archive-entry": blobs.ArchiveEntry,
        "archived": http.Archived, "response": http.Response, "command": exec.Command, "output": exec.Output,
        "descriptor": registry.Descriptor, "cluster-capabilities": lookup.ClusterCapabilities,
    },
    "target": {
        "target-description": target.TargetDescription, "place-abilities": instances.Abilities,
        "instance-spec": instances.InstanceSpec, "instance-state": instances.InstanceState, "port": instances.Port,
        "instance": instances.Instance, "probed": instances.Probed, "task": instances.Task, "ended": instances.Ended,
        "change-kind": instances.ChangeKind, "change": instances.Change, "holder": instances.Claim,
        "log-chunk": instances.LogChunk,
    },
    "router": {
        "router-description": router.RouterDescription, "place-abilities": router.RouterAbilities,
        "backend": router.Backend, "baseline": router.Baseline, "share": router.Share, "routing": router.Routing,
        "flow": router.Flow, "observed": router.ObservedRoute, "log-chunk": instances.LogChunk,
    },
    "check": {
        "check-description": check.CheckDescription, "port": check.SubjectPort, "instance": check.SubjectInstance,
        "subject": check.Subject, "outcome": check.FindingOutcome, "tally": check.Tally, "finding": check.Finding,
    },
    "format": {
        "format-description": formats.FormatDescription, "artifact": formats.RawArtifact,
        "inspection": formats.RawInspection, "dependency-kind": artifacts.DependencyKind,
        "dependency": artifacts.Dependency, "resolved": artifacts.Resolved, "render-input": formats.RawRenderInput,
        "origin": artifacts.Origin, "workload": artifacts.Workload, "rendered": artifacts.Rendered,
    },
}
# Made by hand where it is needed: an exception, and what has a body of several types.
OTHER = {"types": {"failure"}, "capabilities": {"request"}}
VERBS = {
    "target": target.TargetExport, "router": router.RouterExport, "check": check.CheckExport,
    "format": formats.FormatExport,
}


def written(name: str) -> str:
    return re.sub(r"//.*", "", (CONTRACT / f"{name}.wit").read_text(encoding="utf-8"))


class Contract(unittest.TestCase):
    def test_records_and_enumerations(self) -> None:
        for file, types in TYPES.items():
            found = re.findall(r"(record|enum) ([a-z-]+) \{([^}]*)\}", written(file))
            self.assertEqual({name for _, name, _ in found} - OTHER.get(file, set()), set(types), file)
            for form, name, body in found:
                if name in types:
                    pattern = r"([a-z-]+):\s" if form == "record" else r"([a-z-]+)"
                    self.assertEqual(names(types[name]), re.findall(pattern, body), f"{file}: {name}")

    def test_verbs(self) -> None:
        for file, exported in VERBS.items():
            found = re.findall(r"([a-z-]+): func\(", written(file))
            verbs = [name for name, verb in vars(exported).items() if hasattr(verb, "__wrapped__")]
            self.assertEqual(sorted(verbs), sorted(name.replace("-", "_") for name in found), file)

    def test_capabilities(self) -> None:
        found = re.findall(r"^interface ([a-z-]+)", written("capabilities"), re.MULTILINE)
        self.assertEqual(set(CAPABILITIES), set(found))
