// The workload of kind `process`: what a format says about a program and a target needs to run it.
//
// `command` and `env` may hold `${app}`, `${config}`, `${data}`, `${instance}`, `${revision}` and `${port.NAME}`, which are
// known when an instance starts, and `${secret.NAME}`, which only the host replaces. Durations are such as `30s`.

export const KIND: "process";

export interface Process {
  kind: "process";
  /** The artifact's name and the digest of its bytes. */
  artifact: string;
  digest: string;
  /** Leading path elements that are dropped when the artifact is unpacked. */
  strip: number;
  instances: number;
  command: string[];
  env: Record<string, string>;
  /** Without a number the target chooses a free one. */
  ports: Record<string, { number?: number }>;
  health?: Health;
  /** A folder of the service that outlives revisions, for any number of instances at once, or for one. */
  data: "none" | "shared" | "exclusive";
  /** Begins with `${app}` or `${data}`. */
  workdir?: string;
  user?: string;
  restart?: { policy?: "always" | "on-failure" | "never"; initial?: string; max?: string };
  stop?: { signal?: "TERM" | "INT" | "QUIT" | "HUP" | "USR1" | "USR2" | "KILL"; timeout?: string };
  /** Bytes of the newest output that are kept at least. */
  log?: { "max-size": number };
}

/** Exactly one of `http`, a path, and `tcp`. */
export interface Health {
  http?: string;
  tcp?: boolean;
  /** A format always fills it in. */
  port?: string;
  interval?: string;
  timeout?: string;
  "healthy-after"?: number;
  "unhealthy-after"?: number;
  "start-period"?: string;
}

/** One instance of it, unless something else is said. Throws `invalid` if it is none. */
export function process(parts: Partial<Process> & Pick<Process, "artifact" | "digest" | "command">): Process;

/**
 * From the file in the deployment folder. Throws `invalid` where a key is unknown, missing or not what it has to be, and
 * `unsupported` for a workload of another kind.
 */
export function read(file: string, content: Uint8Array | string): Process;

/** As the file in the deployment folder: always in the same bytes, and without what was not said. */
export function write(workload: Process): string;
