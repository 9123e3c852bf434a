import assert from "node:assert/strict";
import { test } from "node:test";

import { app, rendered } from "../src/app.js";

const archive = (description) => [
  { path: "app.json", content: new TextEncoder().encode(description) },
  { path: "shop", content: new TextEncoder().encode("#!/bin/sh") },
];

test("what is wrong is said at its place", () => {
  const refused = (files, message) => assert.throws(() => app(files), { kind: "invalid", message });
  refused([], "the archive holds no app.json");
  refused(archive('{ "command": [] }'), "app.json: `command` names no program");
  refused(archive('{ "command": ["shop"], "health": "/" }'), "app.json: `health` needs a port in `ports`");
  refused(archive('{ "command": "shop" }'), "app.json: `command` is not an array");
  refused(archive("{"), /^app\.json: /);
});

test("the workload is what the archive and the settings say", () => {
  const facts = app(archive('{ "command": ["shop"], "ports": ["http"], "health": "/health" }'));
  const { files, workload } = rendered({
    service: "shop",
    environment: "prod",
    artifact: "app",
    blob: "sha256:2b",
    facts,
    settings: { instances: 1, env: { PORT: "${port.http}" } },
  });
  assert.deepEqual(JSON.parse(files[0].content), {
    kind: "process",
    artifact: "app",
    digest: "sha256:2b",
    strip: 0,
    instances: 1,
    command: ["shop"],
    env: { PORT: "${port.http}" },
    ports: { http: {} },
    health: { http: "/health", port: "http" },
  });
  assert.equal(workload.file, files[0].path);
});
