// A target: runs workloads of kind `process` on a platform with an HTTP API. What the platform speaks is in `api.js`; here is
// every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
// already is answered from the record.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

import { target } from "#slipway";
import * as files from "#slipway/files";
import { Endpoint, escape } from "#slipway/http";
import * as process from "#slipway/process";

import { ARTIFACT, INSTANCE, INSTANCES, instance, wanted } from "./api.js";

/** @typedef {{ api: string, region: string }} Settings What `deploy.toml` says in `target = { .. }`. */

// Known by the setting that names it.
const api = new Endpoint("api");
// The files that `adapt` made for the environment.
const DEPLOYMENT = "deployment";
const CONFIG = "config";
const STOP_MS = 60_000;
const UPLOAD_MS = 600_000;

export default target({
  workloads: [process.KIND],
  needs: ["endpoint of api", "folder deployment"],

  /** @param {Settings} settings */
  abilities(settings) {
    return { sideBySide: true };
  },

  observe({ service, environment }) {
    const list = api.getJson(`/v1/instances?service=${escape(service)}&environment=${escape(environment)}`, INSTANCES);
    return list.instances.map(instance);
  },

  // Asked for twice, the platform does nothing the second time: that is what makes it safe to call again.
  start(place, spec) {
    const workload = process.read(spec.workload, files.read(DEPLOYMENT, spec.workload));
    const artifact = `/v1/artifacts/${escape(spec.blob)}`;
    if (api.findJson(artifact, ARTIFACT) === null) {
      api.putBlob(artifact, spec.blob, UPLOAD_MS);
    }
    api.putJson(path(spec.name), wanted(place, spec, workload, config()));
  },

  probe(place, name) {
    const found = api.findJson(path(name), INSTANCE);
    return found === null ? null : instance(found);
  },

  stop(place, name) {
    api.remove(path(name), STOP_MS);
  },

  logs(place, name, cursor) {
    const from = cursor === "" ? "0" : cursor;
    const log = api.get(`${path(name)}/log?from=${escape(from)}`);
    return { content: log.body, next: log.header("next-offset") ?? from, end: log.body.length === 0 };
  },

  cleanup({ service, environment }, revision) {
    const at = `service=${escape(service)}&environment=${escape(environment)}`;
    api.remove(`/v1/revisions/${escape(revision)}?${at}`, STOP_MS);
  },
});

// The final configuration of the environment: what each file is called, and what it holds.
function config() {
  const found = files.list(DEPLOYMENT, CONFIG).filter((file) => !file.directory);
  return Object.fromEntries(
    found.map(({ path }) => [path.slice(`${CONFIG}/`.length), files.readText(DEPLOYMENT, path)]),
  );
}

/** @param {string} name */
function path(name) {
  return `/v1/instances/${escape(name)}`;
}
