// HTTP to endpoints by name. The host holds the address, the credentials and TLS; a path is never a URL.

import type { Blob, Effect, Failure } from "./index.js";
import type { Schema } from "./json.js";

/** Text and bytes as they are; a blob of the call, or one regular file of an archive, however large, streamed by the host. */
export type Body = string | Uint8Array | { blob: Blob } | { blob: Blob; path: string };

export interface Request {
  method: string;
  /** Begins with one `/`; may carry a query. */
  path: string;
  effect: Effect;
  headers?: [string, string][];
  /** `${secret.NAME}` in text and bytes is replaced on the way out. */
  body?: Body;
  /** Milliseconds. Default: 30,000. */
  timeoutMs?: number;
  /**
   * 0, the default: the answer is the whole body. Otherwise it is the lines that have come as soon as there are any and
   * nothing more has come for so many milliseconds: for what goes on being told.
   */
  quietMs?: number;
}

export class Response {
  constructor(parts: { status: number; headers?: [string, string][]; body?: Uint8Array });
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: Uint8Array;
  /** The first header of a name, in whatever case. */
  header(name: string): string | undefined;
  /** The body as text. Throws `failed` if it is none. */
  text(): string;
  /** The body as JSON, as the schema says. Throws `failed` if it is none, or something else. */
  json(schema?: Schema): any;
  /** Itself if the status says success; otherwise throws a failure of the kind that it means, with the words of the answer. */
  success(method: string, path: string): this;
}

/** JSON over HTTP to a granted endpoint: what most targets and routers do all day. */
export class Endpoint {
  /** By the name under which the operator grants it. */
  constructor(name: string);
  get(path: string): Response;
  getJson(path: string, schema?: Schema): any;
  /** Null if it is not there. */
  findJson(path: string, schema?: Schema): any;
  putJson(path: string, value: unknown): Response;
  /** A blob of the call, however large: it is streamed by the host. Milliseconds; default: 30,000. */
  putBlob(path: string, blob: Blob, timeoutMs?: number): Response;
  /** Ends what the path names, which may take until `timeoutMs` milliseconds; default: 30,000. */
  delete(path: string, timeoutMs?: number): Response;
  /** The same where nothing there is as good. */
  remove(path: string, timeoutMs?: number): void;
  /** An answer of any status is no failure. */
  send(request: Request): Response;
  /** Many at the same time, none of them `once`; the answers are in the order of the requests. */
  sendAll(requests: Request[]): (Response | Failure)[];
}

/** One request. An answer of any status is no failure; none is. Redirects are not followed. */
export function send(endpoint: string, request: Request): Response;

/** Many at the same time, at most 64 under way; the answers are in the order of the requests. */
export function sendAll(endpoint: string, requests: Request[]): (Response | Failure)[];

/** One segment of a path or value of a query, with everything escaped that means something there. */
export function escape(text: string): string;
