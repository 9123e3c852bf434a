import { capability } from "./host.js";
import { parse } from "./json.js";

const state = capability("state");

export function get(schema) {
  const found = state("get");
  return found == null ? null : parse("the state is not what was expected", found, schema, "failed");
}

export function put(value) {
  state("put", JSON.stringify(value));
}
