import assert from "node:assert/strict";
import { test } from "node:test";

import { Failure } from "../src/index.js";
import * as blobs from "../src/blobs.js";
import * as clock from "../src/clock.js";
import * as exec from "../src/exec.js";
import * as files from "../src/files.js";
import { wanted } from "../src/host.js";
import * as lookup from "../src/lookup.js";
import * as state from "../src/state.js";
import { connect } from "../src/testing.js";
import { decode, encode } from "../src/text.js";

test("a plugin wants what it imports", () => {
  assert.deepEqual(wanted(), ["blobs", "clock", "exec", "files", "log", "lookup", "state"]);
});

test("without a host there is nothing to call", () => {
  assert.throws(() => clock.now(), { message: "`clock.now` was called where there is no host" });
});

test("calls are those of the contract", () => {
  const called = [];
  const noted = (answer) => (...parameters) => {
    called.push(parameters);
    return answer;
  };
  connect({
    files: { read: noted(encode("text")), listFiles: noted([]), write: noted() },
    blobs: { unpack: noted(), place: noted() },
    exec: { run: noted({ code: 0, stdout: encode(""), stderr: encode("") }) },
    state: { get: noted('{"a":1}'), put: noted() },
    lookup: { find: noted(null) },
  });
  assert.equal(files.readText("deployment", "a"), "text");
  files.list("deployment");
  files.write("out", "a", "ä");
  blobs.unpack("sha256:1", "out", "app", { strip: 1 });
  blobs.place("sha256:1", "out", "app");
  exec.run("web", { program: "ls", environment: { A: "1" }, stdin: "x", timeoutMs: 5, effect: "read" });
  assert.deepEqual(state.get(), { a: 1 });
  state.put([1]);
  assert.equal(lookup.find("v1", "Secret", { name: "x" }), null);
  assert.deepEqual(called, [
    ["deployment", "a"],
    ["deployment", ""],
    ["out", "a", encode("ä")],
    ["sha256:1", "out", "app", 1],
    ["sha256:1", "out", "app", false],
    [
      "web",
      {
        program: "ls",
        environment: [["A", "1"]],
        stdin: encode("x"),
        timeoutMs: 5,
        effect: "read",
        arguments: [],
      },
    ],
    [],
    ["[1]"],
    ["v1", "Secret", "", "x"],
  ]);
});

test("what the host fails is a failure", () => {
  const failing = (error) => connect({ files: { read: () => { throw error; } } });
  failing(Object.assign(new Error("x"), { payload: { kind: "refused", message: "no", hint: null } }));
  assert.throws(() => files.read("a", "b"), (error) => error instanceof Failure && error.kind === "refused");
  failing(new TypeError("oh"));
  assert.throws(() => files.read("a", "b"), TypeError);
  connect({ files: { read: () => Uint8Array.of(0xff) } });
  assert.throws(() => files.readText("a", "b"), { kind: "unsupported", message: "b is not text" });
  assert.equal(decode(encode("x")), "x");
});
