// The role of a router: sends users to revisions by weight.

import { description, made } from "./about.js";
import { place } from "./given.js";
import { LOG_CHUNK, bool, list, optional, record, text, u32, u64 } from "./shapes.js";
import { encoded } from "./text.js";
import { complete, verb } from "./verb.js";

const ABILITIES = record({}, { weights: bool, preview: bool, baseline: bool });
const FLOW = record({ revision: text, instance: text, weight: u32, inFlight: u64 });
const OBSERVED = record({}, { address: optional(text), previewAddress: optional(text), flows: list(FLOW) });

const NEEDED = ["abilities", "port", "observe", "route", "drain", "logs", "metrics", "remove"];

export function router(plugin) {
  complete("router", plugin, NEEDED);
  return made("router", (about) => verbs(plugin, about));
}

function verbs(plugin, about) {
  const at = (name, answer, run = (...parameters) => plugin[name](...parameters)) =>
    verb(name, (raw, ...rest) => run(place(raw, about), ...rest), answer);
  const { needs = [] } = plugin;
  return {
    describe: () => description(about, { needs }),
    abilities: at("abilities", ABILITIES, ({ settings }) => plugin.abilities(settings)),
    port: at("port", text, ({ settings }) => plugin.port(settings)),
    observe: at("observe", OBSERVED),
    route: at("route"),
    drain: at("drain", u64),
    logs: at("logs", LOG_CHUNK, (...parameters) => encoded(plugin.logs(...parameters))),
    metrics: at("metrics", text),
    remove: at("remove"),
  };
}
