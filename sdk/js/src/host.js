// Where capabilities come from. Only the entry that `build.js` makes can import them from the host, so they are connected
// here: all other modules run outside a component as well, and tests connect what they like.

import { Failure } from "./failure.js";

const connected = new Map();
const names = new Set();

// How a module calls operations of a capability. By asking for it here the plugin is known to want it.
export function capability(name) {
  names.add(name);
  return (operation, ...parameters) => {
    const host = connected.get(name);
    if (host === undefined) {
      throw new Error(`\`${name}.${operation}\` was called where there is no host`);
    }
    try {
      return host[operation](...parameters);
    } catch (error) {
      throw understood(error);
    }
  };
}

export function connect(capabilities) {
  for (const [name, host] of Object.entries(capabilities)) {
    connected.set(name, host);
  }
}

// The capabilities that have been asked for so far, sorted.
export function wanted() {
  return [...names].sort();
}

// The engine makes an error of the contract's failure and puts that beside it.
function understood(error) {
  const { kind, message, hint } = error?.payload ?? {};
  return kind === undefined ? error : new Failure(kind, message, hint);
}
