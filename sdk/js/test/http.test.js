import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Failure } from "../src/index.js";
import { Endpoint, Response, escape, send } from "../src/http.js";
import { connect } from "../src/testing.js";
import { decode, encode } from "../src/text.js";

const api = new Endpoint("api");
let sent, answer;

beforeEach(() => {
  sent = [];
  answer = { status: 200, headers: [], body: encode("{}") };
  connect({
    http: {
      send(endpoint, request) {
        sent.push([endpoint, request]);
        if (answer instanceof Error) {
          throw answer;
        }
        return answer;
      },
      sendAll: (endpoint, requests) => requests.map((_, index) => answer[index]),
    },
  });
});

test("an answer that is no success is a failure in its own words", () => {
  const check = (status, body, kind, message) => {
    answer = { status, headers: [], body: encode(body) };
    assert.throws(() => api.putJson("/v1/x", {}), { name: "Failure", kind, message });
  };
  check(422, '{"error":"port 80 is taken"}', "invalid", "PUT /v1/x was answered 422: port 80 is taken");
  check(409, '{"message":"another"}', "refused", "PUT /v1/x was answered 409: another");
  check(405, "null", "unsupported", "PUT /v1/x was answered 405: null");
  check(503, "busy\nsecond line", "unavailable", "PUT /v1/x was answered 503: busy");
  check(301, "", "failed", "PUT /v1/x was answered 301: no explanation");
});

test("a success is itself", () => {
  const response = new Response({ status: 201, headers: [["Next-Offset", "7"]], body: encode("[1]") });
  assert.equal(response.success("GET", "/"), response);
  assert.equal(response.header("next-offset"), "7");
  assert.deepEqual(response.json(), [1]);
});

test("requests are those of the contract", () => {
  api.getJson("/v1/x");
  api.putJson("/v1/x", { a: 1 });
  api.putBlob("/v1/b", "sha256:1", 600_000);
  api.remove("/v1/x", 60_000);
  send("other", { method: "POST", path: "/", effect: "once", body: { blob: "sha256:1", path: "a" }, quietMs: 5 });
  const requests = sent.map(([endpoint, { body, headers, ...request }]) => [
    endpoint,
    Object.values(request).join(" "),
    headers.flat().join(": "),
    body.tag === "bytes" ? decode(body.val) : body,
  ]);
  assert.deepEqual(requests, [
    ["api", "GET /v1/x read 30000 0", "", ""],
    ["api", "PUT /v1/x idempotent 30000 0", "content-type: application/json", '{"a":1}'],
    [
      "api",
      "PUT /v1/b 600000 idempotent 0",
      "content-type: application/octet-stream",
      { tag: "blob", val: "sha256:1" },
    ],
    ["api", "DELETE /v1/x 60000 idempotent 0", "", ""],
    ["other", "POST / once 5 30000", "", { tag: "archived", val: { blob: "sha256:1", path: "a" } }],
  ]);
});

test("what is not there is found to be nothing, and is as good as removed", () => {
  answer = { status: 404, headers: [], body: encode("gone") };
  assert.equal(api.findJson("/v1/x"), null);
  assert.equal(api.remove("/v1/x"), undefined);
  assert.throws(() => api.getJson("/v1/x"), { kind: "failed", message: "GET /v1/x was answered 404: gone" });
});

test("what was being done is said where there is no answer", () => {
  answer = Object.assign(new Error("x"), { payload: { kind: "unavailable", message: "nobody answers", hint: "wait" } });
  assert.throws(() => api.get("/v1/x"), {
    name: "Failure",
    kind: "unavailable",
    message: "GET /v1/x: nobody answers",
    hint: "wait",
  });
});

test("an answer that was not expected is a failure that says where", () => {
  const schema = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
  for (const [body, problem] of [
    ["{}", "`name` is missing"],
    ['{"name":1}', "`name` is not a string"],
    ["[]", "it is not an object"],
  ]) {
    answer = { status: 200, headers: [], body: encode(body) };
    const message = `the answer is not what was expected: ${problem}`;
    assert.throws(() => api.getJson("/", schema), { kind: "failed", message });
  }
  answer.body = encode("<html>");
  assert.throws(() => api.getJson("/"), { kind: "failed", message: /^the answer is not what was expected: / });
  answer.body = Uint8Array.of(0xff);
  assert.throws(() => api.getJson("/"), { kind: "failed", message: /it is not text$/ });
});

test("many are answered each by itself", () => {
  const failure = { kind: "refused", message: "no", hint: null };
  answer = [
    { tag: "ok", val: { status: 204, headers: [], body: encode("") } },
    { tag: "err", val: failure },
  ];
  const request = { method: "GET", path: "/", effect: "read" };
  const [good, bad] = api.sendAll([request, request]);
  assert.equal(good.status, 204);
  assert.ok(bad instanceof Failure);
  assert.deepEqual(bad.record(), failure);
});

test("a request that is none is a mistake of the plugin", () => {
  assert.throws(() => send("api", { method: "GET", path: "/" }), { message: "`effect` is missing" });
});

test("escaped", () => {
  assert.equal(escape("a b/ä?&=~1"), "a%20b%2F%C3%A4%3F%26%3D~1");
  assert.equal(escape("!'()*-._"), "%21%27%28%29%2A-._");
});
