// The role of a target: runs instances at one kind of place.

import { description, made } from "./about.js";
import { changes } from "./changes.js";
import { place } from "./given.js";
import { Failure } from "./failure.js";
import { LOG_CHUNK, PORT, bool, either, list, optional, record, text, u32, u64 } from "./shapes.js";
import { encoded } from "./text.js";
import { complete, verb } from "./verb.js";

const ABILITIES = record({}, { sideBySide: bool, inPlace: bool, hold: bool, guard: bool, execute: bool });
const INSTANCE = record(
  {
    name: text,
    revision: text,
    state: either("starting", "partial", "healthy", "unhealthy", "failed", "stopping", "stopped"),
  },
  { ports: list(PORT), since: optional(u64), restarts: { ...u32, default: 0 }, detail: { ...text, default: "" } },
);
const PROBED = record({}, { instance: optional(INSTANCE), next: { ...text, default: "" } });
const CHANGE = record({
  kind: either("create", "keep", "replace", "remove"),
  subject: text,
  detail: text,
  seen: text,
});
const HOLDER = record({ ours: { type: "boolean" }, by: text, token: text }, { since: optional(u64) });
const S32 = { type: "integer", minimum: -0x8000_0000, maximum: 0x7fff_ffff };
const ENDED = record(
  {},
  { code: optional(S32), why: { ...text, default: "" }, said: { ...text, default: "" } },
);

const NEEDED = ["abilities", "observe", "start", "stop", "logs", "cleanup"];

export function target(plugin) {
  complete("target", plugin, plugin.probeSince === undefined ? [...NEEDED, "probe"] : NEEDED);
  return made("target", (about) => verbs(plugin, about));
}

function verbs(plugin, about) {
  const own = { ...defaults(about.name), ...plugin };
  // Functions that call one another find the defaults too.
  const at = (name, answer, run = own[name]) =>
    verb(name, (raw, ...rest) => run.call(own, place(raw, about), ...rest), answer);
  const { workloads = ["process"], needs = [] } = plugin;
  return {
    describe: () => description(about, { workloads, needs }),
    abilities: at("abilities", ABILITIES, ({ settings }) => own.abilities(settings)),
    observe: at("observe", list(INSTANCE)),
    plan: at("plan", list(CHANGE)),
    claim: at("claim", optional(HOLDER)),
    guard: at("guard", optional(text)),
    start: at("start"),
    adopt: at("adopt", list(CHANGE)),
    probe: at("probe", optional(PROBED), own.probeSince),
    hold: at("hold"),
    stop: at("stop"),
    logs: at("logs", LOG_CHUNK, (...parameters) => encoded(own.logs(...parameters))),
    cleanup: at("cleanup"),
    execute: at("execute", optional(ENDED)),
    dismiss: at("dismiss"),
  };
}

function defaults(name) {
  const cannot = (what) => () => {
    throw Failure.unsupported(`target ${name} ${what}`);
  };
  const noTasks = cannot("runs no programs of its own");
  return {
    plan(place, desired) {
      return changes(this.observe(place), desired);
    },
    claim: () => null,
    adopt: cannot("takes nothing over that others have deployed"),
    probeSince(place, name) {
      return { instance: this.probe(place, name), next: "" };
    },
    hold: cannot("cannot hold what it has begun"),
    guard: cannot("does not come back by itself"),
    execute: noTasks,
    dismiss: noTasks,
  };
}
