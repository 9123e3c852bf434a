// JSON that comes from outside, and schemas of it.

import type { FailureKind } from "./index.js";

/** JSON Schema. Of its keywords these are understood, and others passed over. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  minLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  [keyword: string]: unknown;
}

/**
 * What the content holds, as the schema says, with defaults filled in. Throws a failure whose message begins with `what` and
 * names what is wrong; `kind` is `invalid` unless said otherwise.
 */
export function parse(what: string, content: string | Uint8Array, schema?: Schema, kind?: FailureKind): any;

/** The same for a value that is there. */
export function expect(what: string, value: unknown, schema: Schema, kind?: FailureKind): any;

/** An object with its entries in the order of their keys: the same is always written in the same bytes. */
export function sorted<T>(held: Record<string, T>): Record<string, T>;
