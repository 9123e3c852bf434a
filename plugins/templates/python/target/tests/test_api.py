import json
import unittest
from typing import Any

import slipway_sdk as sdk
from plugin import api
from plugin.settings import Settings


class Answers(unittest.TestCase):
    def test_what_the_platform_answers_is_understood(self) -> None:
        answer = {"instances": [{
            "name": "shop-prod-1a2b3c4d-1", "revision": "sha256:1a2b3c4d", "state": "unhealthy",
            "ports": {"http": "10.0.0.7:8080"}, "restarts": 2, "detail": "GET /health: 503", "zone": "of a newer platform",
        }]}
        (found,) = sdk.http.Response(200, [], json.dumps(answer).encode()).json(api.List).instances
        expected = sdk.Instance(
            name="shop-prod-1a2b3c4d-1", revision="sha256:1a2b3c4d", state=sdk.InstanceState.UNHEALTHY,
            ports=[sdk.Port("http", "10.0.0.7:8080")], restarts=2, detail="GET /health: 503",
        )
        self.assertEqual(found.seen(), expected)


class WhatIsAskedFor(unittest.TestCase):
    PROCESS = {
        "kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 1, "instances": 1,
        "command": ["${app}/shop"], "env": {"PORT": "${port.http}"}, "ports": {"http": {}},
    }

    def wanted(self, process: dict[str, Any]) -> Any:
        place = sdk.Place("shop", "prod", Settings(api="acme", region="north"))
        instance = sdk.InstanceSpec("shop-prod-1", "sha256:1a", "app", "sha256:2b", "app.json")
        read = sdk.Process.read("app.json", json.dumps(process).encode())
        return sdk.to_json(api.Wanted.of(place, instance, read, {"site.toml": "a = 1"}))

    def test_it_is_all_that_the_workload_says(self) -> None:
        self.assertEqual(self.wanted(self.PROCESS), {
            "service": "shop", "environment": "prod", "region": "north", "revision": "sha256:1a",
            "artifact": "sha256:2b", "strip": 1, "command": ["${app}/shop"], "env": {"PORT": "${port.http}"},
            "ports": ["http"], "config": {"site.toml": "a = 1"}, "health": None,
        })

    def test_what_the_platform_cannot_give_is_refused(self) -> None:
        with self.assertRaises(sdk.Failure) as refused:
            self.wanted({**self.PROCESS, "user": "nobody"})
        self.assertEqual(refused.exception, sdk.Failure.unsupported("this platform knows no `user`"))
