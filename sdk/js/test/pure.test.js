import assert from "node:assert/strict";
import { test } from "node:test";

import { duration, origins } from "../src/index.js";
import { decode, decodeLossy, encode, joined } from "../src/text.js";

test("every value that was set has its origin", () => {
  const settings = { command: ["a", "b"], env: { "A/B": 1 }, unused: 1, gone: [1] };
  const document = { command: ["a", "b", "c"], env: { "A/B": "1" }, default: true, gone: [] };
  const found = origins("f", document, settings);
  assert.deepEqual(
    found.map((origin) => origin.pointer),
    ["/command/0", "/command/1", "/env/A~1B", "/gone"],
  );
  assert.ok(found.every(({ file, pointer, setting }) => file === "f" && pointer === setting));
});

test("durations: only numbers with falling units", () => {
  for (const good of ["250ms", "0s", "2m", "1h30m", "1m5ms", "1d2h3m4s5ms"]) {
    assert.equal(duration(good), good);
  }
  for (const bad of ["", "5", "s", "1m1h", "1s1s", "1.5s", "-1s", "1 s", "1w", "1234567890s", "ä", "1s\n"]) {
    assert.throws(() => duration(bad), { kind: "invalid" }, bad);
  }
  const words = "is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`";
  assert.throws(() => duration("5"), { message: `\`5\` ${words}` });
});

test("text is UTF-8 as everybody reads it", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
  const long = "aä€😀".repeat(3000);
  assert.deepEqual(encode(long), new TextEncoder().encode(long));
  assert.equal(decode(encode(long)), long);
  assert.equal(decode(encode("\ufeffx")), "\ufeffx");
  let seed = 1;
  const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below;
  const some = [0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xff, 0xc0];
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Uint8Array.from({ length: 1 + random(6) }, () => some[random(some.length)]);
    assert.equal(decodeLossy(bytes), lossy.decode(bytes), String(bytes));
    let expected = null;
    try {
      expected = strict.decode(bytes);
    } catch {}
    assert.equal(decode(bytes), expected, String(bytes));
  }
});

test("contents one after the other", () => {
  const check = (texts, expected) => assert.equal(decode(joined(texts.map(encode))), expected);
  check([], "");
  check(["a"], "a");
  check(["a", "", "bc"], "a\n\nbc");
});
