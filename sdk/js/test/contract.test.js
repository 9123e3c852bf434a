// The types are written by hand: here it is seen that they are those of the contract.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const contract = new URL("../../wit/", import.meta.url);
const [version] = readdirSync(contract);
const types = readFileSync(new URL("../src/contract.d.ts", import.meta.url), "utf8");

const ROLES = {
  types: { file: "File" },
  target: {
    "instance-spec": "InstanceSpec",
    port: "Port",
    instance: "Instance",
    probed: "Probed",
    task: "Task",
    ended: "Ended",
    change: "Change",
    holder: "Holder",
    "log-chunk": "LogChunk",
  },
  router: {
    backend: "Backend",
    baseline: "Baseline",
    share: "Share",
    routing: "Routing",
    flow: "Flow",
    observed: "ObservedRoute",
  },
  check: { subject: "Subject", finding: "Finding" },
  format: {
    inspection: "Inspection",
    dependency: "Dependency",
    resolved: "Resolved",
    origin: "Origin",
    workload: "Workload",
    rendered: "Rendered",
  },
};

for (const [role, records] of Object.entries(ROLES)) {
  test(`${role}: records have the fields of the contract`, () => {
    const wit = readFileSync(new URL(`${version}/${role}.wit`, contract), "utf8").replace(/\/\/\/.*/g, "");
    for (const [record, type] of Object.entries(records)) {
      const [, body] = wit.match(new RegExp(`record ${record} \\{([^}]*)\\}`));
      const fields = [...body.matchAll(/([a-z-]+):/g)].map(([, name]) => camel(name));
      const [, members] = types.match(new RegExp(`interface ${type}(?:<.*?>)? \\{\\n(.*?)\\n\\}`, "s"));
      const known = [...members.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
      assert.deepEqual(known.sort(), fields.sort(), type);
    }
  });
}

function camel(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}
