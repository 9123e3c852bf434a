// What verbs are told at the boundary, with settings as a document.

import { parse } from "./json.js";

const UNKNOWN = "cannot be understood";

export const settings = (json, schema) => parse(`the settings ${UNKNOWN}`, json, schema);
export const facts = (json, schema) => parse(`the facts ${UNKNOWN}`, json, schema);
export const targetSettings = (json) => parse(`the target's settings ${UNKNOWN}`, json);

export function place(raw, about) {
  return {
    service: raw.service,
    environment: raw.environment,
    settings: settings(raw.settings, about.settingsSchema),
  };
}
