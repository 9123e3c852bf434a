// Programs on hosts by name. No shell: a program and its arguments.

import type { Effect } from "./contract.js";

export interface Command {
  program: string;
  arguments?: string[];
  environment?: Record<string, string>;
  stdin?: Uint8Array | string;
  /** Milliseconds. */
  timeoutMs: number;
  effect: Effect;
}

export interface Output {
  /** None if a signal ended it. */
  code: number | null;
  stdout: Uint8Array;
  stderr: Uint8Array;
}

/** Any exit code is no failure. [as the command says] */
export function run(host: string, command: Command): Output;
