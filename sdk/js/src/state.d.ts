// A small document of this plugin for the place of the call, as JSON at most 1 MiB.

import type { Schema } from "./json.js";

/** Null before the first `put`. Throws `failed` if it is not as the schema says. [read] */
export function get(schema?: Schema): any;
/** [idempotent] */
export function put(value: unknown): void;
