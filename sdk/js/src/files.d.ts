// Named folders that the host granted. Paths are relative and cannot leave the folder, not even by a link.

export interface Entry {
  path: string;
  directory: boolean;
  /** Bytes. */
  size: number;
}

/** The whole file, at most 16 MiB. [read] */
export function read(folder: string, path: string): Uint8Array;
/** The same as text; `unsupported` if it is none. [read] */
export function readText(folder: string, path: string): string;
/** The files below `path`, or in the whole folder, sorted, at most 10,000; nothing there is an empty list. [read] */
export function list(folder: string, path?: string): Entry[];
/** Replaces the file as a whole, with its folders. [idempotent] */
export function write(folder: string, path: string, content: Uint8Array | string): void;
/** A file or a folder with all it holds, streamed by the host. [idempotent] */
export function copy(fromFolder: string, from: string, toFolder: string, to: string): void;
/** A file or a folder with all it holds; nothing there is no error. [idempotent] */
export function remove(folder: string, path: string): void;
