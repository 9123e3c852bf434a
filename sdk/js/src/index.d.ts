// The guest kit: what a Slipway plugin in JavaScript is written with. A plugin's main file has as its default export what one
// of `target`, `format`, `router` and `check` makes of its verbs; `package.json` says its name, version and summary, and
// `settings.schema.json` beside the main file what people may set.
//
// Verbs answer without waiting: there are no promises, because every call to the outside is made and recorded in its turn.
// A `Failure` that a verb throws is told to people. Any other error is a mistake of the plugin: it is logged with its stack,
// and ends the call.

import type {
  Artifact,
  Change,
  Ended,
  File,
  Finding,
  Holder,
  Inspection,
  Instance,
  InstanceSpec,
  LogChunk,
  Need,
  ObservedRoute,
  Origin,
  Place,
  Probed,
  Rendered,
  RenderInput,
  Routing,
  Subject,
  Task,
} from "./contract.js";
import type { Schema } from "./json.js";

export type * from "./contract.js";

/**
 * Why a failure is one. `invalid`: the input is wrong. `unsupported`: cannot be done here. `refused`: not allowed.
 * `unavailable`: may work later, the host may retry. `failed`: everything else.
 */
export type FailureKind = "invalid" | "unsupported" | "refused" | "unavailable" | "failed";

/** Why a call failed, for a person. */
export class Failure extends Error {
  /** `message`: what happened, where and why, in one line. `hint`: the next step, if there is one. */
  constructor(kind: FailureKind, message: string, hint?: string | null);
  readonly kind: FailureKind;
  readonly hint: string | null;
  static invalid(message: string, hint?: string): Failure;
  static unsupported(message: string, hint?: string): Failure;
  static refused(message: string, hint?: string): Failure;
  static unavailable(message: string, hint?: string): Failure;
  static failed(message: string, hint?: string): Failure;
  /** The same, with what was being done when it happened before its message. */
  whileDoing(what: string): Failure;
}

/** What a plugin's main file exports. */
export interface Plugin {
  readonly kind: "format" | "target" | "router" | "check";
}

/** What can be done at one place; what is not said cannot. */
export interface TargetAbilities {
  /** Can two revisions run beside each other? */
  sideBySide?: boolean;
  /** Does `start` put an instance in the place of the one of another revision, without `stop`? */
  inPlace?: boolean;
  /** Can what `start` has begun be held where it is? */
  hold?: boolean;
  /** Can it come back by itself to what ran, when nobody is heard from any more? */
  guard?: boolean;
  /** Can it run a program once, as an instance would? */
  execute?: boolean;
}

/** Every verb may be called again at any time: `start` and `stop` of what is already so change nothing. */
export interface Target<Settings> {
  /** The kinds of workload that it runs. Default: `process`. */
  workloads?: string[];
  /** What it wants granted. Default: nothing. */
  needs?: Need[];
  /** What can be done at a place with these settings. Has no effects. */
  abilities(settings: Settings): TargetAbilities;
  /** What runs there now. Only reads. */
  observe(place: Place<Settings>): Instance[];
  /** What would change if exactly these instances were to run. Only reads. Default: `changes` of what `observe` answers. */
  plan?(place: Place<Settings>, desired: InstanceSpec[]): Change[];
  /** Marks the place as changed by one writer, for so many seconds; 0 takes the mark away. Default: none is needed. */
  claim?(place: Place<Settings>, by: string, seconds: number): Holder | null | undefined;
  /** Begins to run an instance; does not wait until it is healthy. */
  start(place: Place<Settings>, instance: InstanceSpec): void;
  /** Takes over what others have deployed, as it runs. Default: `unsupported`. */
  adopt?(place: Place<Settings>, instance: InstanceSpec, changes: boolean): Change[];
  /** One instance now; nothing if it is not there. Only reads. */
  probe?(place: Place<Settings>, name: string): Instance | null | undefined;
  /**
   * In the place of `probe`, for a target that can wait for a change: at most `waitMs` milliseconds, since what an earlier
   * call answered as `next`. Nothing if nothing has changed.
   */
  probeSince?(place: Place<Settings>, name: string, since: string, waitMs: number): Probed | null | undefined;
  /** Holds what `start` has begun, or lets it go on. Default: `unsupported`. */
  hold?(place: Place<Settings>, name: string, on: boolean): void;
  /** Sets a dead man's switch, renews it, or takes it away (0 seconds). Default: `unsupported`. */
  guard?(place: Place<Settings>, seconds: number): string | null | undefined;
  /** Ends an instance and waits until it has ended. Its logs stay. */
  stop(place: Place<Settings>, name: string): void;
  /** The log of an instance after a cursor; empty: from the beginning. */
  logs(place: Place<Settings>, name: string, cursor: string): LogChunk;
  /** Removes what a revision has left. */
  cleanup(place: Place<Settings>, revision: string): void;
  /**
   * Begins a task unless it has `begun`, waits at most `waitMs` milliseconds, and answers how it has ended, or nothing if it
   * still runs. Default: `unsupported`.
   */
  execute?(place: Place<Settings>, task: Task, begun: boolean, waitMs: number): Ended | null | undefined;
  /** Ends a task if it still runs, and removes what it has left. Default: `unsupported`. */
  dismiss?(place: Place<Settings>, task: Task): void;
}

/** A target: runs instances at one kind of place. */
export function target<Settings = any>(plugin: Target<Settings>): Plugin;

/** What can be done at one place; what is not said cannot. */
export interface RouterAbilities {
  /** Can it send shares other than all or nothing? */
  weights?: boolean;
  /** Can it show one revision at an address of its own? */
  preview?: boolean;
  /** Can it hold some instances of a share apart, with a weight of their own? */
  baseline?: boolean;
}

export interface Router<Settings> {
  /** What it wants granted. Default: nothing. */
  needs?: Need[];
  /** What can be done at a place with these settings. Has no effects. */
  abilities(settings: Settings): RouterAbilities;
  /** The name of the port of an instance to send users to. */
  port(settings: Settings): string;
  observe(place: Place<Settings>): ObservedRoute;
  /** The whole routing at once. Instances that are not named any more finish their requests and get no new ones. */
  route(place: Place<Settings>, routing: Routing): void;
  /** How many requests are still under way at instances of this name. */
  drain(place: Place<Settings>, instance: string): number;
  /** The access log after a cursor; empty: from the beginning; `end`: nothing, and where it ends now. */
  logs(place: Place<Settings>, cursor: string): LogChunk;
  /** Counters per revision, as Prometheus text. */
  metrics(place: Place<Settings>): string;
  /** Ends the route. */
  remove(place: Place<Settings>): void;
}

/** A router: sends users to revisions by weight. */
export function router<Settings = any>(plugin: Router<Settings>): Plugin;

export interface Check<Settings> {
  /** What it wants granted: endpoints and clusters, there is no more for it. Default: nothing. */
  needs?: Need[];
  /** Only reads, and has the time of one attempt, a minute. A failure is no finding: nothing was seen, and nothing passes. */
  check(settings: Settings, subject: Subject): Finding;
}

/** A check: looks at a revision and says whether it is well, or what an analysis takes its numbers from. */
export function check<Settings = any>(plugin: Check<Settings>): Plugin;

export interface Format<Settings, Facts> {
  /** The schema of the facts; without one they are taken as they are. */
  facts?: Schema;
  /** What is this artifact, and is it sound? */
  inspect(artifact: Artifact): Inspection<Facts>;
  /** What the package must hold besides the artifact and the configuration. Default: nothing. */
  assemble?(artifact: Artifact, facts: Facts): File<Uint8Array | string>[];
  /** The deployment files of one environment. Pure: the same input gives the same bytes. */
  render(input: RenderInput<Settings, Facts>): Rendered;
  /** What `render` makes of it, as people of this format read it. Default: its files, one after the other. */
  show?(input: RenderInput<Settings, Facts>): Uint8Array | string;
}

/** A format: knows how one kind of artifact is packaged. */
export function format<Settings = any, Facts = any>(plugin: Format<Settings, Facts>): Plugin;

/** What would change, for a target whose instances are told from one another by their names and revisions alone. */
export function changes(observed: Instance[], desired: InstanceSpec[]): Change[];

/**
 * One origin for each value of `document` that `settings` holds at the same place. What the settings do not hold is a default
 * of the plugin and has none.
 */
export function origins(file: string, document: unknown, settings: unknown): Origin[];

/** A duration as people write it, such as `250ms` or `1h30m`: itself. Throws `invalid` if it is none. */
export function duration(text: string): string;
