// Time, recorded: a call that is run again sees the same.

/** Milliseconds since 1970. [read] */
export function now(): number;
/** Milliseconds. [read] */
export function sleep(ms: number): void;
