// What is made of the scores. Pure, so that it can be tested.

/**
 * @import { Finding } from "#slipway"
 * @typedef {{ api: string, at_least: number }} Settings What `deploy.toml` says in `plugin = { .. }`: the least score that is good enough,
 *   of 100.
 * @typedef {{ of: string, score: number }} Score
 */

// `GET /v1/scores?service=..&environment=..&revision=..`
export const SCORES = {
  type: "object",
  required: ["scores"],
  properties: {
    scores: {
      type: "array",
      items: {
        type: "object",
        required: ["of", "score"],
        properties: { of: { type: "string" }, score: { type: "number" } },
      },
    },
  },
};

/**
 * Where nothing was scored there is nothing to say, and that is never a pass.
 * @param {{ scores: Score[] }} answer
 * @param {Settings} settings
 * @returns {Finding}
 */
export function finding({ scores }, { at_least: least }) {
  const bad = scores.filter(({ score }) => score < least);
  return {
    ...verdict(scores.length, bad.length, least),
    evidence: bad.map(({ of, score }) => `${of}: ${score}`),
    values: scores.map(({ score }) => score),
  };
}

/**
 * @param {number} all
 * @param {number} bad
 * @param {number} least
 * @returns {Pick<Finding, "outcome" | "message">}
 */
function verdict(all, bad, least) {
  if (all === 0) {
    return { outcome: "inconclusive", message: "nothing was scored yet" };
  }
  return bad === 0
    ? { outcome: "passed", message: `all ${all} scores are at least ${least}` }
    : { outcome: "failed", message: `${bad} of ${all} scores are below ${least}` };
}
