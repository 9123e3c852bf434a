// What the load balancer speaks. Change this to what yours does.

/**
 * @import { ObservedRoute, Routing } from "#slipway"
 * @typedef {{ revision: string, instance: string, weight: number, in_flight: number }} Flow
 * @typedef {{ address?: string | null, flows: Flow[] }} Route
 */

// `GET /v1/routes/NAME`
export const ROUTE = {
  type: "object",
  required: ["flows"],
  properties: {
    address: { type: ["string", "null"] },
    flows: {
      type: "array",
      items: {
        type: "object",
        required: ["revision", "instance", "weight", "in_flight"],
        properties: {
          revision: { type: "string" },
          instance: { type: "string" },
          weight: { type: "integer", minimum: 0 },
          in_flight: { type: "integer", minimum: 0 },
        },
      },
    },
  },
};

/** @type {Route} Where there is no route. */
export const NOTHING = { flows: [] };

/**
 * `PUT /v1/routes/NAME`
 * @param {string} host
 * @param {Routing} routing
 */
export function wanted(host, { shares }) {
  return {
    host,
    shares: shares.map(({ revision, weight, backends }) => ({
      revision,
      weight,
      backends: backends.map(({ instance, address }) => ({ instance, address })),
    })),
  };
}

/**
 * @param {Route} route
 * @param {string} instance
 */
export function inFlight({ flows }, instance) {
  return flows.filter((flow) => flow.instance === instance).reduce((sum, flow) => sum + flow.in_flight, 0);
}

/**
 * What the load balancer answers, as Slipway knows it.
 * @param {Route} route
 * @returns {ObservedRoute}
 */
export function observed({ address, flows }) {
  return {
    address,
    flows: flows.map(({ revision, instance, weight, in_flight }) => ({
      revision,
      instance,
      weight,
      inFlight: in_flight,
    })),
  };
}
