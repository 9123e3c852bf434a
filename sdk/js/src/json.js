// JSON that comes from outside: settings, facts, files, answers. Failures say which document was wrong, and where in it.

import { Failure } from "./failure.js";
import { Mismatch, checked } from "./schema.js";
import { decode } from "./text.js";

// As the schema says, with defaults filled in. The failure begins with `what`.
export function parse(what, content, schema = {}, kind = "invalid") {
  const text = typeof content === "string" ? content : decode(content);
  if (text === null) {
    throw new Failure(kind, `${what}: it is not text`);
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(kind, `${what}: ${error.message}`);
  }
  return expect(what, value, schema, kind);
}

// The same for a value that is there.
export function expect(what, value, schema, kind = "invalid") {
  try {
    return checked(schema, value);
  } catch (error) {
    throw error instanceof Mismatch ? new Failure(kind, `${what}: ${error.message}`) : error;
  }
}

// The same is always written in the same bytes: the entries of an object by their keys.
export function sorted(held) {
  return Object.fromEntries(Object.entries(held).sort(([one], [other]) => (one < other ? -1 : 1)));
}
