import json
import unittest
from typing import Any

import slipway_sdk as sdk
from plugin import api


class WhatIsAskedFor(unittest.TestCase):
    def test_the_whole_routing_is_one_document(self) -> None:
        backend = sdk.Backend("shop-prod-1", "10.0.0.7:8080")
        routing = sdk.Routing([sdk.Share("sha256:1a", 100, [backend])])
        self.assertEqual(sdk.to_json(api.Wanted.of("shop.example", routing)), {"host": "shop.example", "shares": [{
            "revision": "sha256:1a", "weight": 100,
            "backends": [{"instance": "shop-prod-1", "address": "10.0.0.7:8080"}],
        }]})


class Answers(unittest.TestCase):
    def test_requests_under_way_are_counted_for_an_instance(self) -> None:
        def flow(instance: str, in_flight: int) -> dict[str, Any]:
            return {"revision": "sha256:1a", "instance": instance, "weight": 50, "in_flight": in_flight}

        answer = {"address": "shop.example:80", "flows": [flow("a", 2), flow("b", 3), flow("a", 1)]}
        found = sdk.http.Response(200, [], json.dumps(answer).encode()).json(api.Found)
        self.assertEqual((found.in_flight("a"), found.in_flight("c")), (3, 0))
        self.assertEqual(len(found.seen().flows), 3)
