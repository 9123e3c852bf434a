import { capability } from "./host.js";
import { parse } from "./json.js";

const lookup = capability("lookup");

export function find(apiVersion, kind, { namespace = "", name = "" } = {}) {
  const found = lookup("find", apiVersion, kind, namespace, name);
  return found == null ? null : parse("the object is not what was expected", found, undefined, "failed");
}

export const capabilities = () => lookup("capabilities");
