import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { beforeEach, test } from "node:test";

import { Failure, check, format, router, target } from "../src/index.js";
import { connect } from "../src/testing.js";
import { decode, encode } from "../src/text.js";

const settingsSchema = {
  type: "object",
  additionalProperties: false,
  properties: { at: { type: "string", default: "here" } },
};
const about = { name: "acme", version: "0.1.0", summary: "Tests.", settingsSchema };
const place = { service: "shop", environment: "prod", settings: "{}" };
const nothing = () => {};
const TARGET = {
  abilities: () => ({}),
  observe: () => [],
  start: nothing,
  probe: nothing,
  stop: nothing,
  logs: nothing,
  cleanup: nothing,
};
const ROUTER = {
  abilities: () => ({ weights: true }),
  port: ({ at }) => at,
  observe: () => ({}),
  route: nothing,
  drain: () => 0,
  logs: () => ({ content: "ä", next: "2", end: true }),
  metrics: () => "",
  remove: nothing,
};
const FORMAT = { inspect: () => ({ summary: "s", facts: { a: 1 } }), render: () => ({ files: [] }) };
const CHECK = { check: () => ({ outcome: "passed", message: "m" }) };
const made = (more) => target({ ...TARGET, ...more }).exports(about);

let lines;
beforeEach(() => {
  lines = [];
  connect({ log: { emit: (level, message) => lines.push([level, message]) } });
});

test("all verbs of the contract are there, and no others", () => {
  const contract = new URL("../../wit/", import.meta.url);
  const [version] = readdirSync(contract);
  const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  for (const [kind, plugin] of [
    ["target", target(TARGET)],
    ["router", router(ROUTER)],
    ["format", format(FORMAT)],
    ["check", check(CHECK)],
  ]) {
    const wit = readFileSync(new URL(`${version}/${kind}.wit`, contract), "utf8");
    const verbs = [...wit.matchAll(/^ {2}([a-z-]+): func/gm)].map(([, name]) => camel(name));
    assert.equal(plugin.kind, kind);
    assert.deepEqual(Object.keys(plugin.exports(about)).sort(), verbs.sort());
  }
});

test("what a plugin says of itself", () => {
  assert.deepEqual(made({ needs: ["endpoint api"] }).describe(), {
    name: "acme",
    version: "0.1.0",
    summary: "Tests.",
    settingsSchema: JSON.stringify(settingsSchema),
    workloads: ["process"],
    needs: ["endpoint api"],
  });
});

test("what a target does not say is as good as none", () => {
  const verbs = made({ observe: () => [{ name: "a", revision: "sha256:1", state: "healthy" }] });
  const instance = { name: "a", revision: "sha256:1", state: "healthy", ports: [], since: null, restarts: 0, detail: "" };
  assert.deepEqual(verbs.observe(place), [instance]);
  assert.deepEqual(verbs.plan(place, []), [
    { kind: "remove", subject: "a", detail: "stop it; revision 1, healthy", seen: "sha256:1" },
  ]);
  assert.equal(verbs.claim(place, "me", 30), null);
  assert.deepEqual(verbs.probe(place, "a", "", 10), { instance: null, next: "" });
  const none = { sideBySide: false, inPlace: false, hold: false, guard: false, execute: false };
  assert.deepEqual(verbs.abilities(place), none);
  for (const [verb, message] of [
    ["adopt", "target acme takes nothing over that others have deployed"],
    ["hold", "target acme cannot hold what it has begun"],
    ["guard", "target acme does not come back by itself"],
    ["execute", "target acme runs no programs of its own"],
    ["dismiss", "target acme runs no programs of its own"],
  ]) {
    assert.throws(() => verbs[verb](place), { kind: "unsupported", message, hint: null }, verb);
  }
});

test("a target that can wait says so itself", () => {
  const verbs = made({ probe: undefined, probeSince: (_, name, since, ms) => (ms > 0 ? null : { next: name + since }) });
  assert.equal(verbs.probe(place, "a", "1", 10), null);
  assert.deepEqual(verbs.probe(place, "a", "1", 0), { instance: null, next: "a1" });
});

test("settings are checked, and defaults filled in", () => {
  const verbs = router(ROUTER).exports(about);
  assert.equal(verbs.port(place), "here");
  assert.throws(() => verbs.port({ ...place, settings: '{"where":1}' }), {
    kind: "invalid",
    message: "the settings cannot be understood: unknown key `where`, known are `at`",
  });
  assert.deepEqual(verbs.logs(place, ""), { content: encode("ä"), next: "2", end: true });
  assert.deepEqual(verbs.observe(place), { address: null, previewAddress: null, flows: [] });
});

test("a failure crosses as a record, and nothing else does", () => {
  const failing = (error) => made({ stop: () => { throw error; } });
  assert.throws(() => failing(Failure.refused("no", "ask")).stop(place, "a"), (thrown) => {
    assert.deepEqual(thrown, { kind: "refused", message: "no", hint: "ask" });
    return true;
  });
  assert.deepEqual(lines, []);
  assert.throws(() => failing(new TypeError("oh")).stop(place, "a"), TypeError);
  assert.equal(lines.length, 1);
  assert.equal(lines[0][0], "error");
  assert.match(lines[0][1], /^TypeError: oh\n.*roles\.test\.js/);
});

test("an answer that the contract does not know is a mistake, and said to be one", () => {
  const wrong = (verbs, verb, message) => assert.throws(() => verbs[verb](place), { name: "TypeError", message });
  const instance = { name: "a", revision: "sha256:1", state: "fine" };
  wrong(
    made({ observe: () => [instance] }),
    "observe",
    "`observe` answered what it cannot: `[0].state` is not one of `starting`, `partial`, `healthy`, `unhealthy`, " +
      "`failed`, `stopping`, `stopped`",
  );
  wrong(made({ observe: nothing }), "observe", "`observe` answered what it cannot: it is not an array");
  wrong(made({ abilities: () => ({ sideByside: true }) }), "abilities", /unknown key `sideByside`/);
  wrong(made({ async stop() {} }), "stop", /^`stop` answered a promise/);
  assert.equal(lines.length, 4);
});

test("a plugin without a verb is no plugin", () => {
  assert.throws(() => target({ ...TARGET, start: undefined }), { message: "the target has no function `start`" });
  assert.throws(() => check({}), { message: "the check has no function `check`" });
});

test("facts go through JSON, and come back as their schema says", () => {
  const facts = { type: "object", required: ["a"], properties: { b: { default: 2 } } };
  const render = ({ facts, settings, written, artifact }) => ({
    files: [{ path: artifact, content: JSON.stringify([facts, settings, written]) }, { path: "b", content: "x" }],
  });
  const verbs = format({ ...FORMAT, facts, render }).exports(about);
  const artifact = { name: "web", blob: "sha256:1", size: 1, settings: '{"at":"${x}"}' };
  const found = verbs.inspect(artifact, []);
  assert.deepEqual(found, { summary: "s", facts: '{"a":1}', dependencies: [], notes: [] });
  assert.deepEqual(verbs.assemble(artifact, found.facts), []);
  const given = { config: [], resolved: [], target: "{}" };
  const input = { ...place, artifact, facts: found.facts, ...given };
  const { files, workload } = verbs.render(input);
  assert.equal(decode(files[0].content), '[{"a":1,"b":2},{"at":"here"},{}]');
  assert.equal(workload, null);
  assert.equal(decode(verbs.show(input)), '[{"a":1,"b":2},{"at":"here"},{}]\nx');
  assert.throws(() => verbs.render({ ...input, facts: "{}" }), {
    kind: "invalid",
    message: "the facts cannot be understood: `a` is missing",
  });
});

test("a finding says what there is", () => {
  const verbs = check(CHECK).exports(about);
  assert.deepEqual(verbs.check("{}", {}), { outcome: "passed", message: "m", evidence: [], values: [], tallies: [] });
});
