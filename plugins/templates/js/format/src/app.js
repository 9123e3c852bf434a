// What an archive says of its program, and the workload that is made of it. Pure.

import { Failure } from "#slipway";
import { parse } from "#slipway/json";
import * as process from "#slipway/process";

/**
 * @import { File, RenderInput, Rendered } from "#slipway"
 * @typedef {{ instances: number, env?: Record<string, string> }} Settings
 *   What `deploy.toml` says in `[artifacts.NAME]` besides `format` and `from`.
 * @typedef {{ command: string[], ports: string[], health?: string | null }} App
 */

// In the archive.
const DESCRIPTION = "app.json";

// What it holds.
export const APP = {
  type: "object",
  additionalProperties: false,
  required: ["command"],
  properties: {
    command: { type: "array", items: { type: "string" } },
    ports: { type: "array", items: { type: "string" }, default: [] },
    // Answers to `GET` on the first port while all is well, such as `/health`.
    health: { type: ["string", "null"] },
  },
};

/**
 * Wherever it is wrong, it is said at release: long before anything is touched.
 * @param {File[]} files
 * @returns {App}
 */
export function app(files) {
  const found = files.find((file) => file.path === DESCRIPTION);
  if (found === undefined) {
    throw Failure.invalid(`the archive holds no ${DESCRIPTION}`, "it belongs at the top of the archive");
  }
  const app = parse(DESCRIPTION, found.content, APP);
  if (app.command.length === 0) {
    throw Failure.invalid(`${DESCRIPTION}: \`command\` names no program`);
  }
  if (app.health != null && app.ports.length === 0) {
    throw Failure.invalid(`${DESCRIPTION}: \`health\` needs a port in \`ports\``);
  }
  return app;
}

/**
 * The same input gives the same bytes.
 * @param {RenderInput<Settings, App>} input
 * @returns {Rendered}
 */
export function rendered({ artifact, blob, facts, settings }) {
  const { command, ports, health } = facts;
  const { instances, env } = settings;
  const workload = process.process({
    artifact,
    digest: blob,
    instances,
    command,
    env,
    ports: Object.fromEntries(ports.map((port) => [port, {}])),
    health: health == null ? undefined : { http: health, port: ports[0] },
  });
  const file = `workloads/${artifact}.json`;
  return {
    files: [{ path: file, content: process.write(workload) }],
    workload: { kind: process.KIND, file, instances, ports },
  };
}
