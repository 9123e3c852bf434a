// What would change: desired against observed. Pure.

// For a target whose instances are told from one another by their names and revisions alone.
export function changes(observed, desired) {
  const known = new Map(observed.map((found) => [found.name, found]));
  const names = new Set(desired.map((spec) => spec.name));
  const wanted = desired.map((spec) => {
    const found = known.get(spec.name);
    const [kind, detail] = found === undefined ? ["create", start(spec)] : compare(found, spec);
    return { kind, subject: spec.name, detail, seen: found?.revision ?? "" };
  });
  const removed = observed
    .filter((found) => !names.has(found.name))
    .map((found) => ({
      kind: "remove",
      subject: found.name,
      detail: `stop it; revision ${short(found.revision)}, ${state(found)}`,
      seen: found.revision,
    }));
  return [...wanted, ...removed];
}

function compare(found, spec) {
  if (found.revision !== spec.revision) {
    return ["replace", `revision ${short(found.revision)} with ${short(spec.revision)}`];
  }
  return ["failed", "stopping", "stopped"].includes(found.state)
    ? ["replace", `${state(found)}; start it anew`]
    : ["keep", state(found)];
}

function start(spec) {
  return `start artifact ${spec.artifact} of revision ${short(spec.revision)}`;
}

function state({ state, detail = "" }) {
  return detail === "" ? state : `${state}: ${detail.split(/\r?\n/, 1)[0]}`;
}

function short(digest) {
  return digest.replace(/^sha256:/, "").slice(0, 8);
}
