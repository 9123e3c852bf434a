// What the contract speaks, as JavaScript knows it. Times are milliseconds since 1970, digests `sha256:` and hexadecimal.

/** The digest of bytes that the host keeps. A plugin can use only the blobs that a call handed to it. */
export type Blob = string;

/**
 * One thing of the operator's that a plugin wants granted, in words: `endpoint NAME`, `endpoint of SETTING`, `host NAME`,
 * `host of SETTING`, `folder NAME` or `cluster of SETTING`; the contract says what each gives. A plugin that asks for anything
 * else is not loaded.
 */
export type Need = string;

/**
 * What a call to the outside is. `read` changes nothing; `idempotent` may be repeated safely; `once` must not happen twice: a
 * person is asked where nobody knows whether it did, and if so the plugin is told of an empty success.
 */
export type Effect = "read" | "idempotent" | "once";

/** Settings are those of `settings.schema.json`, checked, with its defaults filled in. */
export interface Place<Settings> {
  service: string;
  environment: string;
  settings: Settings;
}

/** A file that was read, or that is to be written: text is written as UTF-8. */
export interface File<Content = Uint8Array> {
  /** Relative, with `/`. */
  path: string;
  content: Content;
}

export interface Port {
  name: string;
  /** `host:port`, or `ENDPOINT:/PATH` for what is reached through an endpoint of the call. */
  address: string;
}

/** What an instance is to be. The granted folder `deployment` is that of its revision. */
export interface InstanceSpec {
  name: string;
  /** The revision's digest. */
  revision: string;
  /** The artifact's name and the digest of its bytes. */
  artifact: string;
  blob: Blob;
  /** The workload's file in the folder `deployment`. */
  workload: string;
  /** It ran here before and is brought back. */
  back: boolean;
}

/** `partial`: it takes the place of another step by step, and the step that was begun stands well. */
export type InstanceState = "starting" | "partial" | "healthy" | "unhealthy" | "failed" | "stopping" | "stopped";

/** An instance as it is seen. */
export interface Instance {
  name: string;
  revision: string;
  state: InstanceState;
  /** Default: none. */
  ports?: Port[];
  /** At which the state began, if known. */
  since?: number | null;
  /** Default: 0. */
  restarts?: number;
  /** Why it is not healthy: cause first, then the last lines of its log. */
  detail?: string;
}

export interface Probed {
  /** None if it is not there. */
  instance?: Instance | null;
  /** From where a change of it can be waited for; empty where a target cannot wait. */
  next?: string;
}

export interface Change {
  kind: "create" | "keep" | "replace" | "remove";
  subject: string;
  detail: string;
  /** What was seen of the subject, such as its version: a saved plan is refused when it is another. */
  seen: string;
}

/** Who has claimed a place. */
export interface Holder {
  /** The caller has it. */
  ours: boolean;
  by: string;
  since?: number | null;
  /** Another one whenever somebody else has had it in between. */
  token: string;
}

/** A program that runs once with what an instance of a revision has. */
export interface Task {
  /** The place knows it by this name, which no other task ever has. */
  name: string;
  revision: string;
  artifact: string;
  blob: Blob;
  workload: string;
  /** Which part of the workload, in the target's own words; empty where nobody has said. */
  part: string;
  /** Program and arguments, in the place of the workload's own. */
  run: string[];
  /** More environment variables, as names and values. */
  variables: [string, string][];
  /** The place ends it when it has run for so long. */
  timeoutMs: number;
}

/** How a task has ended. */
export interface Ended {
  /** None if it did not end by itself, or nobody saw how. */
  code?: number | null;
  /** Why there is no code. */
  why?: string;
  /** The end of what it said, at most 4 KiB. */
  said?: string;
}

export interface LogChunk {
  /** At most 1 MiB. */
  content: Uint8Array | string;
  /** The cursor of the next call. */
  next: string;
  /** There is nothing more for now. */
  end: boolean;
}

export interface Backend {
  instance: string;
  address: string;
}

/** Some of a share's instances get this much of its weight, and the others the rest. */
export interface Baseline {
  weight: number;
  instances: string[];
}

export interface Share {
  revision: string;
  weight: number;
  backends: Backend[];
  baseline: Baseline | null;
}

export interface Routing {
  shares: Share[];
  /** The revision to show at the preview address. */
  preview: string | null;
}

export interface Flow {
  revision: string;
  instance: string;
  weight: number;
  inFlight: number;
}

export interface ObservedRoute {
  /** Where users come in, as `host:port`; none before the first `route`. */
  address?: string | null;
  previewAddress?: string | null;
  /** Default: none. */
  flows?: Flow[];
}

/** What a check looks at. Addresses are for telling instances apart: only endpoints are reached. */
export interface Subject {
  service: string;
  environment: string;
  revision: string;
  /** The revision that users are on, where it is another. */
  stable: string | null;
  instances: { name: string; ports: Port[] }[];
}

export interface Finding {
  /** `inconclusive`: there is nothing to say, or not yet. It is no pass. */
  outcome: "passed" | "failed" | "inconclusive";
  /** Why, in one line, for people. */
  message: string;
  /** What there is to show for it, a line each. */
  evidence?: string[];
  /** What an analysis judges: measured values or tallies, and not both. */
  values?: number[];
  tallies?: { events: number; total: number }[];
}

export interface Artifact {
  name: string;
  blob: Blob;
  size: number;
  /** As written in deploy.toml: any value may still be a template, so they are not checked yet. */
  settings: any;
  /** What `inspect` had asked for and was brought: it is asked again with it. */
  brought: Resolved[];
}

/** What the artifact needs and does not hold. Release brings it. */
export interface Dependency {
  kind: "image" | "file" | "index";
  reference: string;
  /** Where it is written, for people. */
  place: string;
}

/** What release made of a dependency. */
export interface Resolved {
  reference: string;
  digest: Blob;
  /** What an image is pulled by. */
  pull: string | null;
}

export interface Inspection<Facts> {
  /** One line, for people. */
  summary: string;
  /** What `render` will want to know, as JSON; kept in the package. */
  facts: Facts;
  dependencies?: Dependency[];
  /** What people should know of the artifact, a line each. */
  notes?: string[];
}

export interface RenderInput<Settings, Facts> {
  service: string;
  environment: string;
  /** The artifact's name and the digest of its bytes. */
  artifact: string;
  blob: Blob;
  facts: Facts;
  settings: Settings;
  /** The same settings as they came, to say where values are from. */
  written: any;
  /** The paths of the final configuration files. */
  config: string[];
  resolved: Resolved[];
  /** The settings of the environment's target. */
  target: any;
}

/** Where a final value came from: both are JSON pointers. */
export interface Origin {
  file: string;
  pointer: string;
  setting: string;
}

/** Something that a target can run. */
export interface Workload {
  /** What a target must understand, such as `process`. */
  kind: string;
  /** The file among `files` that says everything. */
  file: string;
  instances: number;
  ports?: string[];
  /** Why two revisions cannot run side by side, if they cannot. */
  exclusive?: string | null;
}

export interface Rendered {
  files: File<Uint8Array | string>[];
  workload?: Workload | null;
  origins?: Origin[];
  notes?: string[];
}
