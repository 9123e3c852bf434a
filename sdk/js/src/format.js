// The role of a format: one kind of artifact, with settings and facts of the plugin's own.

import { description, made } from "./about.js";
import { facts, settings, targetSettings } from "./given.js";
import { FILE, bytes, either, list, optional, record, text, u32 } from "./shapes.js";
import { encoded, joined } from "./text.js";
import { complete, verb } from "./verb.js";

const NOTES = list(text);
const DEPENDENCY = record({ kind: either("image", "file", "index"), reference: text, place: text });
const INSPECTION = record({ summary: text, facts: text }, { dependencies: list(DEPENDENCY), notes: NOTES });
const WORKLOAD = record(
  { kind: text, file: text, instances: u32 },
  { ports: list(text), exclusive: optional(text) },
);
const ORIGIN = record({ file: text, pointer: text, setting: text });
const RENDERED = record(
  { files: list(FILE) },
  { workload: optional(WORKLOAD), origins: list(ORIGIN), notes: NOTES },
);

export function format(plugin) {
  complete("format", plugin, ["inspect", "render"]);
  return made("format", (about) => verbs(plugin, about));
}

function verbs(plugin, about) {
  const input = (raw) => ({
    service: raw.service,
    environment: raw.environment,
    artifact: raw.artifact.name,
    blob: raw.artifact.blob,
    facts: facts(raw.facts, plugin.facts),
    settings: settings(raw.settings, about.settingsSchema),
    written: settings(raw.settings),
    config: raw.config,
    resolved: raw.resolved,
    target: targetSettings(raw.target),
  });
  const render = (raw) => {
    const rendered = plugin.render(input(raw));
    return { ...rendered, files: (rendered.files ?? []).map(encoded) };
  };
  const show = (raw) => {
    if (plugin.show === undefined) {
      return joined(render(raw).files.map(({ content }) => content));
    }
    return encoded({ content: plugin.show(input(raw)) }).content;
  };
  return {
    describe: () => description(about),
    inspect: verb("inspect", (raw, brought) => inspection(plugin.inspect(artifact(raw, brought))), INSPECTION),
    assemble: verb("assemble", (raw, json) => assembled(plugin, artifact(raw, []), json), list(FILE)),
    render: verb("render", render, RENDERED),
    show: verb("show", show, bytes),
  };
}

// Its settings are as written in deploy.toml: any value may still be a template, so they are not checked yet.
function artifact(raw, brought) {
  return { ...raw, settings: settings(raw.settings), brought };
}

function inspection(found) {
  return { ...found, facts: JSON.stringify(found.facts ?? null) };
}

function assembled(plugin, artifact, json) {
  const known = facts(json, plugin.facts);
  return (plugin.assemble?.(artifact, known) ?? []).map(encoded);
}
