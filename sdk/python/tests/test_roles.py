"""From the contract's verbs to a plugin's and back, with what the bindings would hand over."""

import unittest
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest import mock

from slipway_sdk import (
    Abilities,
    About,
    Failure,
    Instance,
    InstanceSpec,
    InstanceState,
    LogChunk,
    Place,
    Port,
    Target,
    export,
    guard,
    host,
)


@dataclass(frozen=True)
class Settings:
    region: str


class Plugin(Target[Settings]):
    about = About("acme", "1.0.0", "For a test.", "{}")
    workloads = ("process",)
    running: Any = []

    def abilities(self, settings: Settings) -> Abilities:
        return Abilities(side_by_side=settings.region == "north")

    def observe(self, place: Place[Settings]) -> list[Instance]:
        return self.running

    def start(self, place: Place[Settings], instance: InstanceSpec) -> None:
        raise KeyError(instance.name)

    def probe(self, place: Place[Settings], name: str) -> Instance | None:
        return None

    def stop(self, place: Place[Settings], name: str) -> None:
        raise Failure.refused("it is not ours", "ask them")

    def logs(self, place: Place[Settings], name: str, cursor: str) -> LogChunk:
        return LogChunk(b"x", "1", True)

    def cleanup(self, place: Place[Settings], revision: str) -> None:
        pass


EXPORTED = export(Plugin)()
PLACE = SimpleNamespace(service="shop", environment="prod", settings='{"region":"north"}')
SPEC = SimpleNamespace(name="a", revision="sha256:1", artifact="app", blob="sha256:2", workload="f", back=False)


class Verbs(unittest.TestCase):
    def failed(self, verb: str, *arguments: Any) -> tuple[int, str, str | None]:
        with self.assertRaises(host.Err) as raised:
            getattr(EXPORTED, verb)(*arguments)
        value = raised.exception.value
        return value.kind.value, value.message, value.hint

    def test_records_go_in_and_out(self) -> None:
        self.assertEqual(EXPORTED.describe().workloads, ["process"])
        self.assertIs(EXPORTED.abilities(PLACE).side_by_side, True)
        seen = Instance("b", "sha256:1", InstanceState.HEALTHY, [Port("http", "x:1")])
        with mock.patch.object(Plugin, "running", [seen]):
            (found,) = EXPORTED.observe(PLACE)
            self.assertEqual((found.state.value, found.ports[0].address, found.since), (2, "x:1", None))
            kinds = [(change.kind.value, change.subject) for change in EXPORTED.plan(PLACE, [SPEC])]
        self.assertEqual(kinds, [(0, "a"), (3, "b")])
        self.assertIsNone(EXPORTED.claim(PLACE, "me", 60))
        self.assertEqual(EXPORTED.probe(PLACE, "a", "", 0), SimpleNamespace(instance=None, next=""))

    def test_failures_are_those_of_the_contract(self) -> None:
        self.assertEqual(self.failed("stop", PLACE, "a"), (2, "it is not ours", "ask them"))
        for verb, arguments, message in [
            ("adopt", (SPEC, False), "target acme takes nothing over that others have deployed"),
            ("hold", ("a", True), "target acme cannot hold what it has begun"),
            ("guard", (60,), "target acme does not come back by itself"),
        ]:
            self.assertEqual(self.failed(verb, PLACE, *arguments), (1, message, None))

    def test_settings_that_are_wrong_are_told_of_by_their_key(self) -> None:
        for settings, message in [
            ('{"region":"north","zone":1}', "the settings cannot be understood: there is no `zone`, but `region`"),
            ("{}", "the settings cannot be understood: `region` is missing"),
        ]:
            place = SimpleNamespace(service="shop", environment="prod", settings=settings)
            self.assertEqual(self.failed("observe", place), (0, message, None))

    def test_a_mistake_is_logged_with_its_traceback_and_goes_on(self) -> None:
        with mock.patch("slipway_sdk.host.has", return_value=True), mock.patch("slipway_sdk.log.error") as said:
            with self.assertRaises(KeyError):
                EXPORTED.start(PLACE, SPEC)
        text = said.call_args.args[0]
        self.assertTrue(text.startswith("Traceback (most recent call last):\n"), text)
        self.assertTrue(text.endswith("in Plugin.start\n    raise KeyError(instance.name)\nKeyError: 'a'"), text)

    def test_an_answer_of_a_wrong_type_is_a_mistake(self) -> None:
        for running, message in [
            (None, "the answer of `observe` is NoneType, and has to be a list"),
            ([1], "the answer of `observe`[0] is int, and has to be of Instance"),
            ([Instance("a", "r", "healthy")], "the answer of `observe`[0].state is str, and has to be of InstanceState"),
            (
                [Instance("a", "r", InstanceState.HEALTHY, restarts=-1)],
                "the answer of `observe`[0].restarts is -1, and has to be between 0 and 4294967295",
            ),
        ]:
            with self.subTest(message), mock.patch.object(Plugin, "running", running):
                with self.assertRaises(TypeError) as raised:
                    EXPORTED.observe(PLACE)
            self.assertEqual(guard.told(raised.exception), f"TypeError: {message}")


class Exports(unittest.TestCase):
    def test_what_is_missing_is_said_when_it_is_built(self) -> None:
        class Unfinished(Target[Settings]):
            pass

        with self.assertRaisesRegex(TypeError, "^Unfinished has no `abilities`, `cleanup`, "):
            export(Unfinished)

    def test_outside_a_component_there_is_no_capability(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "^`files` is there only inside Slipway"):
            host.call(bytes, "files", "read", "config", "x")
