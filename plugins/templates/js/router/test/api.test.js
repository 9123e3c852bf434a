import assert from "node:assert/strict";
import { test } from "node:test";

import { inFlight, observed, wanted } from "../src/api.js";

test("the whole routing is one document", () => {
  const backends = [{ instance: "shop-prod-1", address: "10.0.0.7:8080" }];
  const routing = { shares: [{ revision: "sha256:1a", weight: 100, backends, baseline: null }], preview: null };
  assert.deepEqual(wanted("shop.example", routing), {
    host: "shop.example",
    shares: [{ revision: "sha256:1a", weight: 100, backends }],
  });
});

test("requests under way are counted for an instance", () => {
  const flow = (instance, in_flight) => ({ revision: "sha256:1a", instance, weight: 50, in_flight });
  const found = { address: "shop.example:80", flows: [flow("a", 2), flow("b", 3), flow("a", 1)] };
  assert.deepEqual([inFlight(found, "a"), inFlight(found, "c")], [3, 0]);
  assert.equal(observed(found).flows.length, 3);
});
