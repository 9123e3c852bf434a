import assert from "node:assert/strict";
import { test } from "node:test";

import { finding } from "../src/finding.js";

function check(scores, outcome, message, evidence) {
  const found = finding({ scores }, { api: "acme", at_least: 90 });
  assert.deepEqual([found.outcome, found.message, found.evidence], [outcome, message, evidence]);
}

test("scores decide", () => {
  check([], "inconclusive", "nothing was scored yet", []);
  const good = [
    { of: "search", score: 90 },
    { of: "cart", score: 99.5 },
  ];
  check(good, "passed", "all 2 scores are at least 90", []);
  const bad = [
    { of: "search", score: 12 },
    { of: "cart", score: 99.5 },
  ];
  check(bad, "failed", "1 of 2 scores are below 90", ["search: 12"]);
});
