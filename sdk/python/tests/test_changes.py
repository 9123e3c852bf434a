import unittest

from slipway_sdk import ChangeKind, Instance, InstanceSpec, InstanceState, changes


def observed(revision: str, state: InstanceState, detail: str = "") -> Instance:
    return Instance(name="a", revision=revision, state=state, detail=detail)


def desired(revision: str) -> InstanceSpec:
    return InstanceSpec(name="a", revision=revision, artifact="app", blob="sha256:1", workload="f")


class Changes(unittest.TestCase):
    def check(
        self, found: list[Instance], wanted: list[InstanceSpec], expected: list[tuple[ChangeKind, str, str]]
    ) -> None:
        said = [(change.kind, change.detail, change.seen) for change in changes(found, wanted)]
        self.assertEqual(said, expected)

    def test_from_nothing_to_something_and_back(self) -> None:
        new = desired("sha256:1234567890")
        self.check([], [new], [(ChangeKind.CREATE, "start artifact app of revision 12345678", "")])
        old = observed("sha256:1", InstanceState.HEALTHY)
        self.check([old], [], [(ChangeKind.REMOVE, "stop it; revision 1, healthy", "sha256:1")])
        self.check([], [], [])

    def test_what_runs_is_kept_and_what_does_not_is_replaced(self) -> None:
        for state, kind, detail in [
            (InstanceState.STARTING, ChangeKind.KEEP, "starting: why"),
            (InstanceState.PARTIAL, ChangeKind.KEEP, "partial: why"),
            (InstanceState.HEALTHY, ChangeKind.KEEP, "healthy: why"),
            (InstanceState.UNHEALTHY, ChangeKind.KEEP, "unhealthy: why"),
            (InstanceState.FAILED, ChangeKind.REPLACE, "failed: why; start it anew"),
            (InstanceState.STOPPING, ChangeKind.REPLACE, "stopping: why; start it anew"),
            (InstanceState.STOPPED, ChangeKind.REPLACE, "stopped: why; start it anew"),
        ]:
            found = observed("sha256:1", state, "why\nlog")
            self.check([found], [desired("sha256:1")], [(kind, detail, "sha256:1")])
        other = observed("sha256:1", InstanceState.HEALTHY)
        self.check([other], [desired("sha256:2")], [(ChangeKind.REPLACE, "revision 1 with 2", "sha256:1")])

    def test_a_line_ends_where_the_contract_says(self) -> None:
        for detail, expected in [("a\r\nb", "healthy: a"), ("a\x0bb", "healthy: a\x0bb"), ("\nb", "healthy: ")]:
            found = observed("sha256:1", InstanceState.HEALTHY, detail)
            self.check([found], [desired("sha256:1")], [(ChangeKind.KEEP, expected, "sha256:1")])
