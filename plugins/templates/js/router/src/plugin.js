// A router: sends users to revisions by weight, on a load balancer with an HTTP API. What that speaks is in `api.js`; here is
// every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
// already is answered from the record.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

import { router } from "#slipway";
import { Endpoint, escape } from "#slipway/http";

import { NOTHING, ROUTE, inFlight, observed, wanted } from "./api.js";

/** @typedef {{ api: string, host: string, port: string }} Settings What `deploy.toml` says in `router = { .. }`. */

// Known by the setting that names it.
const api = new Endpoint("api");
const REMOVE_MS = 30_000;

export default router({
  needs: ["endpoint of api"],

  /** @param {Settings} settings */
  abilities(settings) {
    return { weights: true };
  },

  port(settings) {
    return settings.port;
  },

  observe(place) {
    return observed(found(place));
  },

  // All of it in one request: users never see half of a change.
  route(place, routing) {
    api.putJson(path(place), wanted(place.settings.host, routing));
  },

  drain(place, instance) {
    return inFlight(found(place), instance);
  },

  logs(place, cursor) {
    const from = cursor === "" ? "0" : cursor;
    const log = api.get(`${path(place)}/log?from=${escape(from)}`);
    return { content: log.body, next: log.header("next-offset") ?? from, end: log.body.length === 0 };
  },

  metrics(place) {
    return api.get(`${path(place)}/metrics`).text();
  },

  remove(place) {
    api.remove(path(place), REMOVE_MS);
  },
});

/** @param {import("#slipway").Place<Settings>} place */
function found(place) {
  return api.findJson(path(place), ROUTE) ?? NOTHING;
}

/** @param {import("#slipway").Place<Settings>} place */
function path({ service, environment }) {
  return `/v1/routes/${escape(`${service}-${environment}`)}`;
}
