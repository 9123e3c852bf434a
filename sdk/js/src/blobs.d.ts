// Big immutable bytes, which stay with the host.

import type { Blob, File } from "./contract.js";

export interface ArchiveEntry {
  path: string;
  kind: "file" | "directory" | "symlink" | "hardlink" | "device" | "other";
  /** Bytes. */
  size: number;
  mode: number;
  /** Of a link. */
  target: string | null;
}

/** The entries of a tar, tar.gz, tar.zst or zip, as they stand, at most 100,000. [read] */
export function entries(blob: Blob): ArchiveEntry[];
/** The regular files of an archive with what they hold, sorted by path, at most 10,000 and 16 MiB together. [read] */
export function files(blob: Blob): File[];
/** The bytes themselves, at most 16 MiB. [read] */
export function read(blob: Blob): Uint8Array;
/** Unpacks into a folder that this call alone fills; `strip` leading path elements are dropped. [idempotent] */
export function unpack(blob: Blob, folder: string, path: string, options?: { strip?: number }): void;
/** The bytes as one file. [idempotent] */
export function place(blob: Blob, folder: string, path: string, options?: { executable?: boolean }): void;
