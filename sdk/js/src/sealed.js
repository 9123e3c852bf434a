// The engine's own clock and random numbers are closed: a plugin is deterministic, so that a call that is made again finds
// its record. In a component they would only trap; this says what to do.

const closed = (what, instead) => () => {
  throw new Error(`a plugin has no ${what}: ${instead}`);
};
const clock = closed("clock of its own", "`now()` of `#slipway/clock` is recorded");

Math.random = closed("randomness", "what it does must be the same when it is done again");

globalThis.Date = class extends Date {
  constructor(...parts) {
    if (parts.length === 0) {
      clock();
    }
    super(...parts);
  }

  static now() {
    return clock();
  }
};

delete globalThis.performance;
