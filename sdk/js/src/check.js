// The role of a check: looks at a revision and says whether it is well.

import { description, made } from "./about.js";
import { settings } from "./given.js";
import { either, list, record, text, u64 } from "./shapes.js";
import { complete, verb } from "./verb.js";

const FINDING = record(
  { outcome: either("passed", "failed", "inconclusive"), message: text },
  { evidence: list(text), values: list({ type: "number" }), tallies: list(record({ events: u64, total: u64 })) },
);

export function check(plugin) {
  complete("check", plugin, ["check"]);
  return made("check", (about) => ({
    describe: () => description(about, { needs: plugin.needs ?? [] }),
    check: verb(
      "check",
      (json, subject) => plugin.check(settings(json, about.settingsSchema), subject),
      FINDING,
    ),
  }));
}
