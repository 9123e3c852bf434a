import { capability } from "./host.js";

const blobs = capability("blobs");

export const entries = (blob) => blobs("entries", blob);
export const files = (blob) => blobs("files", blob);
export const read = (blob) => blobs("read", blob);

export function unpack(blob, folder, path, { strip = 0 } = {}) {
  blobs("unpack", blob, folder, path, strip);
}

export function place(blob, folder, path, { executable = false } = {}) {
  blobs("place", blob, folder, path, executable);
}
