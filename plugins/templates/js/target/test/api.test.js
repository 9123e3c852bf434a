import assert from "node:assert/strict";
import { test } from "node:test";

import { instance, wanted } from "../src/api.js";

test("what the platform answers is understood", () => {
  const found = instance({
    name: "shop-prod-1a2b3c4d-1",
    revision: "sha256:1a2b3c4d",
    state: "unhealthy",
    ports: { http: "10.0.0.7:8080" },
    restarts: 2,
    detail: "GET /health: 503",
  });
  assert.equal(found.state, "unhealthy");
  assert.deepEqual(found.ports, [{ name: "http", address: "10.0.0.7:8080" }]);
  assert.deepEqual([found.restarts, found.detail], [2, "GET /health: 503"]);
});

test("what is asked for is all that the workload says", () => {
  const place = { service: "shop", environment: "prod", settings: { api: "acme", region: "north" } };
  const spec = {
    name: "shop-prod-1",
    revision: "sha256:1a",
    artifact: "app",
    blob: "sha256:2b",
    workload: "app.json",
    back: false,
  };
  const workload = {
    kind: "process",
    artifact: "app",
    digest: "sha256:2b",
    strip: 1,
    instances: 1,
    command: ["${app}/shop"],
    env: { PORT: "${port.http}" },
    ports: { http: {} },
    data: "none",
  };
  const config = { "site.toml": "a = 1" };
  assert.deepEqual(wanted(place, spec, workload, config), {
    service: "shop",
    environment: "prod",
    region: "north",
    revision: "sha256:1a",
    artifact: "sha256:2b",
    strip: 1,
    command: ["${app}/shop"],
    env: { PORT: "${port.http}" },
    ports: ["http"],
    config: { "site.toml": "a = 1" },
    health: null,
  });
  assert.throws(() => wanted(place, spec, { ...workload, user: "nobody" }, config), {
    kind: "unsupported",
    message: "this platform knows no `user`",
  });
});
