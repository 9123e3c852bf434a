import assert from "node:assert/strict";
import { test } from "node:test";

import { Failure } from "../src/index.js";

test("a failure is an error, and a record of the contract", () => {
  const failure = Failure.refused("it runs", "stop it");
  assert.ok(failure instanceof Error);
  assert.equal(String(failure), "Failure: it runs");
  assert.deepEqual(failure.record(), { kind: "refused", message: "it runs", hint: "stop it" });
  assert.equal(Failure.failed("x").record().hint, null);
});

test("what was being done comes first", () => {
  const failure = Failure.unavailable("nobody answers", "wait").whileDoing("GET /");
  assert.deepEqual(failure.record(), { kind: "unavailable", message: "GET /: nobody answers", hint: "wait" });
});

test("a message is one line", () => {
  assert.equal(Failure.failed("one\n  two\r\nthree").message, "one two three");
});

test("there are five kinds", () => {
  assert.throws(() => new Failure("broken", "x"), TypeError);
});
