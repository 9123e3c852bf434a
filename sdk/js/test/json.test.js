import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, sorted } from "../src/json.js";

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["region"],
  properties: {
    region: { type: "string", minLength: 1 },
    port: { type: "string", default: "http" },
    size: { type: "integer", minimum: 1, maximum: 9 },
    mode: { enum: ["a", "b"] },
    env: { type: "object", additionalProperties: { type: "string" } },
    rules: { type: "array", items: { type: "object", required: ["name"], properties: { on: { default: true } } } },
    id: { type: "string", pattern: "^[a-z]+$" },
    none: { type: ["string", "null"] },
  },
};
const parsed = (value) => parse("the settings cannot be understood", JSON.stringify(value), SCHEMA);

test("what fits is taken, with defaults", () => {
  assert.deepEqual(parsed({ region: "north" }), { region: "north", port: "http" });
  const rules = [{ name: "x", more: 1 }];
  const found = parsed({ region: "north", port: "p", size: 2, mode: "a", env: { A: "1" }, rules, id: "x", none: null });
  assert.deepEqual(found.rules, [{ name: "x", more: 1, on: true }]);
  assert.deepEqual([found.port, found.env, found.none], ["p", { A: "1" }, null]);
});

test("what does not fit is named", () => {
  const refused = (value, problem) =>
    assert.throws(() => parsed(value), {
      kind: "invalid",
      message: `the settings cannot be understood: ${problem}`,
    });
  refused({}, "`region` is missing");
  refused({ regoin: "x" }, "unknown key `regoin`, known are `region`, `port`, `size`, `mode`, `env`, `rules`, `id`, `none`");
  refused({ region: 1 }, "`region` is not a string");
  refused({ region: "" }, "`region` is empty");
  refused({ region: "x", size: 0 }, "`size` is less than 1");
  refused({ region: "x", size: 10 }, "`size` is more than 9");
  refused({ region: "x", size: 1.5 }, "`size` is not an integer");
  refused({ region: "x", mode: "c" }, "`mode` is not one of `a`, `b`");
  refused({ region: "x", env: { A: 1 } }, "`env.A` is not a string");
  refused({ region: "x", rules: [{ name: "x" }, {}] }, "`rules[1].name` is missing");
  refused({ region: "x", id: "X" }, "`id` does not look like `^[a-z]+$`");
  refused({ region: "x", none: 1 }, "`none` is not a string or null");
  refused([], "it is not an object");
});

test("what is no JSON is said to be none", () => {
  assert.throws(() => parse("app.json", "{"), { kind: "invalid", message: /^app\.json: / });
  assert.throws(() => parse("app.json", Uint8Array.of(0xff)), { message: "app.json: it is not text" });
});

test("keys are only keys", () => {
  const found = parse("x", '{"__proto__":{"a":1}}', { type: "object" });
  assert.deepEqual(Object.keys(found), ["__proto__"]);
  assert.equal(found.a, undefined);
  assert.throws(() => parse("x", '{"toString":1}', SCHEMA), { message: /unknown key `toString`/ });
});

test("sorted by keys", () => {
  assert.equal(JSON.stringify(sorted({ b: 1, a: 2 })), '{"a":2,"b":1}');
});
