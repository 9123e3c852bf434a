// What the cluster of an environment has now, for a format that makes objects of it: of kinds that the artifact's setting
// `lookup` lists and that the operator lets be looked up there.

/** One object; without a name a list of all, and without a namespace of all namespaces. Null where there is none. [read] */
export function find(apiVersion: string, kind: string, named?: { namespace?: string; name?: string }): any;

/** What the cluster is: its version, such as `v1.35.4`, and the APIs and kinds that it serves, sorted. [read] */
export function capabilities(): { version: string; apis: string[] };
