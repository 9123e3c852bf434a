// The workload of kind `process`: what a format says about a program and a target needs to run it. It is a file in the
// deployment folder, so its fields are a format that lives longer than any plugin: they are only ever added to.

import { durationProblem } from "./duration.js";
import { Failure } from "./failure.js";
import { expect, parse, sorted } from "./json.js";
import { either, record, text, u32, u64 } from "./shapes.js";

export const KIND = "process";

const duration = { ...text, problem: durationProblem };
const map = (values) => ({ type: "object", additionalProperties: values });
const PROCESS = record(
  {
    kind: text,
    artifact: text,
    digest: text,
    strip: u32,
    instances: u32,
    command: { type: "array", items: text },
  },
  {
    env: { ...map(text), default: {} },
    ports: { ...map(record({}, { number: { ...u32, maximum: 65535 } })), default: {} },
    health: record(
      {},
      {
        http: text,
        tcp: { type: "boolean" },
        port: text,
        interval: duration,
        timeout: duration,
        "healthy-after": u32,
        "unhealthy-after": u32,
        "start-period": duration,
      },
    ),
    data: { ...either("none", "shared", "exclusive"), default: "none" },
    workdir: text,
    user: text,
    restart: record({}, { policy: either("always", "on-failure", "never"), initial: duration, max: duration }),
    stop: record({}, { signal: either("TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL"), timeout: duration }),
    log: record({ "max-size": u64 }),
  },
);

// One instance, unless something else is said.
export function process(parts) {
  const whole = { kind: KIND, strip: 0, instances: 1, ...parts };
  return expect(`this is no workload \`${KIND}\``, whole, PROCESS);
}

// From the file in the deployment folder.
export function read(file, content) {
  const found = parse(`${file} is not a workload \`${KIND}\``, content, PROCESS);
  if (found.kind !== KIND) {
    throw Failure.unsupported(`${file} is a workload \`${found.kind}\`, not \`${KIND}\``);
  }
  return found;
}

// As the file in the deployment folder: in the order of the fields, and without what was not said.
export function write(workload) {
  const { env, ports, ...rest } = process(workload);
  const whole = { ...rest, env: sorted(env), ports: sorted(ports) };
  const fields = Object.keys(PROCESS.properties).filter((field) => !isUnsaid(field, whole[field]));
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, whole[field]])), null, 2);
}

function isUnsaid(field, value) {
  if (field === "data") {
    return value === "none";
  }
  return value === undefined || (["env", "ports"].includes(field) && Object.keys(value).length === 0);
}
