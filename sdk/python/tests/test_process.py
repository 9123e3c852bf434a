import json
import unittest

from slipway_sdk import Duration, Failure, FailureKind, Process, origins
from slipway_sdk.process import Data, Health, LogLimit, ProcessPort, Restart, RestartPolicy, Signal, Stop

LEAST = {"kind": "process", "artifact": "app", "digest": "sha256:1", "strip": 0, "instances": 1, "command": ["x"]}


def read(**more: object) -> Process:
    return Process.read("app.json", json.dumps({**LEAST, **more}).encode())


class Processes(unittest.TestCase):
    def test_what_is_not_said_is_not_written(self) -> None:
        process = Process(artifact="app", digest="sha256:1", command=["x"])
        self.assertEqual(json.loads(process.write()), LEAST)
        self.assertEqual(Process.read("app.json", process.write()), process)

    def test_all_of_it_comes_back(self) -> None:
        process = Process(
            artifact="app", digest="sha256:1", strip=1, instances=2, command=["x", "${port.http}"], env={"A": "ä"},
            ports={"http": ProcessPort(), "admin": ProcessPort(81)},
            health=Health(http="/", port="http", interval=Duration("5s"), healthy_after=2), data=Data.SHARED,
            workdir="${data}", user="nobody", restart=Restart(RestartPolicy.ON_FAILURE, max=Duration("1m")),
            stop=Stop(Signal.TERM, Duration("10s")), log=LogLimit(1024),
        )
        written = json.loads(process.write())
        self.assertEqual(written["health"], {"http": "/", "port": "http", "interval": "5s", "healthy-after": 2})
        self.assertEqual(written["ports"], {"admin": {"number": 81}, "http": {}})
        self.assertEqual(Process.read("app.json", process.write()), process)

    def test_what_is_not_known_is_refused(self) -> None:
        for more, kind, message in [
            ({"healht": {}}, FailureKind.INVALID, "app.json is not a workload `process`: there is no `healht`, but"),
            ({"stop": {"timeout": "1"}}, FailureKind.INVALID, "app.json is not a workload `process`: `stop.timeout`: "),
            ({"strip": -1}, FailureKind.INVALID, "app.json is not a workload `process`: `strip` is -1, and has to be"),
            ({"kind": "vm"}, FailureKind.UNSUPPORTED, "app.json is a workload `vm`, not `process`"),
        ]:
            with self.subTest(more), self.assertRaises(Failure) as refused:
                read(**more)
            failure = refused.exception
            self.assertEqual(failure.kind, kind)
            self.assertTrue(failure.message.startswith(message), failure.message)


class Durations(unittest.TestCase):
    def test_only_numbers_with_falling_units(self) -> None:
        for good in ["250ms", "0s", "2m", "1h30m", "1d2h3m4s5ms"]:
            self.assertEqual(Duration(good), good)
        for bad in ["", "5", "s", "1m1h", "1s1s", "1.5s", "-1s", "1 s", "1w", "1234567890s", "ä", "1s\n", "٣s"]:
            with self.subTest(bad), self.assertRaises(ValueError):
                Duration(bad)


class Origins(unittest.TestCase):
    def test_every_value_that_was_set_has_its_origin(self) -> None:
        settings = {"command": ["a", "b"], "env": {"A/B": 1}, "unused": 1}
        document = {"command": ["a", "b"], "env": {"A/B": "1"}, "default": True}
        found = origins("f", document, settings)
        self.assertEqual([one.pointer for one in found], ["/command/0", "/command/1", "/env/A~1B"])
        self.assertTrue(all(one.pointer == one.setting and one.file == "f" for one in found))
