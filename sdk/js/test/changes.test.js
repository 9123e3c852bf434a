import assert from "node:assert/strict";
import { test } from "node:test";

import { changes } from "../src/index.js";

const observed = (state, detail = "", revision = "sha256:1") => ({ name: "a", revision, state, detail });
const desired = (revision) => ({ name: "a", revision, artifact: "app", blob: "sha256:1", workload: "f", back: false });

function check(observed, wanted, expected) {
  const found = changes(observed, wanted);
  assert.deepEqual(
    found.map(({ kind, subject, detail }) => [kind, subject, detail]),
    expected,
  );
}

test("from nothing to something and back", () => {
  check([], [desired("sha256:1234567890")], [["create", "a", "start artifact app of revision 12345678"]]);
  check([observed("healthy")], [], [["remove", "a", "stop it; revision 1, healthy"]]);
  check([], [], []);
});

test("what runs is kept and what does not is replaced", () => {
  for (const [state, kind, detail] of [
    ["starting", "keep", "starting: why"],
    ["partial", "keep", "partial: why"],
    ["healthy", "keep", "healthy: why"],
    ["unhealthy", "keep", "unhealthy: why"],
    ["failed", "replace", "failed: why; start it anew"],
    ["stopping", "replace", "stopping: why; start it anew"],
    ["stopped", "replace", "stopped: why; start it anew"],
  ]) {
    check([observed(state, "why\nlog")], [desired("sha256:1")], [[kind, "a", detail]]);
  }
  check([observed("healthy")], [desired("sha256:2")], [["replace", "a", "revision 1 with 2"]]);
});

test("a saved plan knows what was seen", () => {
  assert.equal(changes([observed("healthy")], [desired("sha256:2")])[0].seen, "sha256:1");
  assert.equal(changes([], [desired("sha256:2")])[0].seen, "");
});
