// A check: asks a service with an HTTP API whether a revision is well. Only reads.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

import { check } from "#slipway";
import { Endpoint, escape } from "#slipway/http";

import { SCORES, finding } from "./finding.js";

/** @import { Settings } from "./finding.js" */

// Known by the setting that names it.
const api = new Endpoint("api");

export default check({
  needs: ["endpoint of api"],

  /** @param {Settings} settings */
  check(settings, { service, environment, revision }) {
    const of = `service=${escape(service)}&environment=${escape(environment)}&revision=${escape(revision)}`;
    return finding(api.getJson(`/v1/scores?${of}`, SCORES), settings);
  },
});
