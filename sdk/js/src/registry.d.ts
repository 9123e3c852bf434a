// Registries by the names of deploy.toml.

import type { Blob } from "./contract.js";

export interface Descriptor {
  mediaType: string;
  digest: Blob;
  /** Bytes. */
  size: number;
}

/** What a tag or digest names now. [read] */
export function resolve(registry: string, repository: string, reference: string): Descriptor;
/** The bytes of a manifest, at most 4 MiB, verified. [read] */
export function manifest(registry: string, repository: string, digest: Blob): Uint8Array;
