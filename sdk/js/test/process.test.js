import assert from "node:assert/strict";
import { test } from "node:test";

import { process, read, write } from "../src/process.js";
import { encode } from "../src/text.js";

const LEAST = { kind: "process", artifact: "app", digest: "sha256:1", strip: 0, instances: 1, command: ["a"] };
const reading = (document) => read("app.json", encode(JSON.stringify(document)));

test("what is not said is none", () => {
  assert.deepEqual(reading(LEAST), { ...LEAST, env: {}, ports: {}, data: "none" });
  assert.deepEqual(process({ artifact: "app", digest: "sha256:1", command: ["a"] }), reading(LEAST));
});

test("all that can be said is understood", () => {
  const all = {
    ...LEAST,
    env: { A: "1" },
    ports: { http: {}, admin: { number: 8080 } },
    health: { http: "/", port: "http", interval: "1s", "healthy-after": 2, "start-period": "1m" },
    data: "exclusive",
    workdir: "${app}",
    user: "nobody",
    restart: { policy: "on-failure", initial: "1s", max: "1m30s" },
    stop: { signal: "INT", timeout: "10s" },
    log: { "max-size": 1_000_000 },
  };
  assert.deepEqual(reading(all), all);
});

test("what is unknown or wrong is named", () => {
  const refused = (more, problem) =>
    assert.throws(() => reading({ ...LEAST, ...more }), {
      kind: "invalid",
      message: `app.json is not a workload \`process\`: ${problem}`,
    });
  refused(
    { health: { htpt: "/" } },
    "unknown key `health.htpt`, known are `http`, `tcp`, `port`, `interval`, `timeout`, `healthy-after`, " +
      "`unhealthy-after`, `start-period`",
  );
  refused({ command: undefined }, "`command` is missing");
  refused({ ports: { http: { number: 70000 } } }, "`ports.http.number` is more than 65535");
  refused(
    { stop: { timeout: "soon" } },
    "`stop.timeout` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`",
  );
  assert.throws(() => reading({ ...LEAST, more: 1 }), { message: /unknown key `more`/ });
});

test("another kind cannot be run", () => {
  const message = "app.json is a workload `container`, not `process`";
  assert.throws(() => reading({ ...LEAST, kind: "container" }), { kind: "unsupported", message });
});

test("always written in the same bytes", () => {
  const workload = { command: ["a"], ports: { b: {}, a: {} }, digest: "sha256:1", artifact: "app", user: "x", env: {} };
  const expected = { ...LEAST, ports: { a: {}, b: {} }, user: "x" };
  assert.equal(write(workload), JSON.stringify(expected, null, 2));
  assert.deepEqual(JSON.parse(write(read("f", write(workload)))), expected);
});
