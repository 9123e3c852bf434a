import { capability } from "./host.js";
import { checked } from "./schema.js";
import { EFFECT, bytes, list, record, text, texts, u32 } from "./shapes.js";
import { encode } from "./text.js";

const exec = capability("exec");

const COMMAND = record(
  { program: text, timeoutMs: u32, effect: EFFECT },
  { arguments: list(text), environment: texts, stdin: { ...bytes, type: ["bytes", "string"], default: "" } },
);

export function run(host, command) {
  const asked = checked(COMMAND, command);
  return exec("run", host, {
    ...asked,
    environment: Object.entries(asked.environment),
    stdin: typeof asked.stdin === "string" ? encode(asked.stdin) : asked.stdin,
  });
}
