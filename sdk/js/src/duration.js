// Durations as people write them, checked and handed on as they were written: `250ms`, `2m`, `1h30m`.

import { Failure } from "./failure.js";

// From the longest, in which order they are written.
const DURATION = /^(?=.)(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$/;

export function duration(text) {
  const problem = durationProblem(text);
  if (problem !== undefined) {
    throw Failure.invalid(`\`${text}\` ${problem}`);
  }
  return text;
}

// As `problem` of a schema.
export function durationProblem(text) {
  return DURATION.test(text)
    ? undefined
    : "is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`";
}
