// What the platform speaks. Change this to what yours does.

import { Failure } from "#slipway";
import { sorted } from "#slipway/json";

/**
 * @import { Instance, InstanceSpec, Place } from "#slipway"
 * @import { Process } from "#slipway/process"
 * @import { Settings } from "./plugin.js"
 */

// `GET /v1/artifacts/DIGEST`: the bytes are there.
export const ARTIFACT = { type: "object" };

// `GET /v1/instances/NAME`
export const INSTANCE = {
  type: "object",
  required: ["name", "revision", "state", "ports", "restarts", "detail"],
  properties: {
    name: { type: "string" },
    revision: { type: "string" },
    state: { enum: ["starting", "healthy", "unhealthy", "failed", "stopped"] },
    // Names, and `host:port`.
    ports: { type: "object", additionalProperties: { type: "string" } },
    restarts: { type: "integer", minimum: 0 },
    // Why it is not healthy.
    detail: { type: "string" },
  },
};

// `GET /v1/instances?service=..&environment=..`
export const INSTANCES = {
  type: "object",
  required: ["instances"],
  properties: { instances: { type: "array", items: INSTANCE } },
};

/**
 * What the platform answers, as Slipway knows it.
 * @param {Omit<Required<Instance>, "ports" | "since"> & { ports: Record<string, string> }} found
 * @returns {Instance}
 */
export function instance({ name, revision, state, ports, restarts, detail }) {
  const named = Object.entries(sorted(ports)).map(([name, address]) => ({ name, address }));
  return { name, revision, state, ports: named, restarts, detail };
}

/**
 * `PUT /v1/instances/NAME`. What the platform cannot give is refused: nothing that people wrote is passed over in silence.
 * @param {Place<Settings>} place
 * @param {InstanceSpec} spec
 * @param {Process} workload
 * @param {Record<string, string>} config what each file below `${config}` is called, and what it holds
 */
export function wanted(place, spec, workload, config) {
  const unknown = [
    ["data", workload.data !== "none"],
    ["workdir", workload.workdir !== undefined],
    ["user", workload.user !== undefined],
  ];
  for (const [setting, isSaid] of unknown) {
    if (isSaid) {
      throw Failure.unsupported(`this platform knows no \`${setting}\``);
    }
  }
  return {
    service: place.service,
    environment: place.environment,
    region: place.settings.region,
    revision: spec.revision,
    artifact: spec.blob,
    // Leading path elements that are dropped when the artifact is unpacked.
    strip: workload.strip,
    // `${app}`, `${config}`, `${port.NAME}` and the like are replaced by the platform. `${secret.NAME}` never comes so far:
    // Slipway puts the secret there on the way out.
    command: workload.command,
    env: sorted(workload.env),
    ports: Object.keys(workload.ports).sort(),
    config: sorted(config),
    health: workload.health ?? null,
  };
}
