import { Failure } from "./failure.js";
import { capability } from "./host.js";
import { decode, encode } from "./text.js";

const files = capability("files");

export const read = (folder, path) => files("read", folder, path);

export function readText(folder, path) {
  const text = decode(read(folder, path));
  if (text === null) {
    throw Failure.unsupported(`${path} is not text`);
  }
  return text;
}

export const list = (folder, path = "") => files("listFiles", folder, path);

export function write(folder, path, content) {
  files("write", folder, path, typeof content === "string" ? encode(content) : content);
}

export function copy(fromFolder, from, toFolder, to) {
  files("copy", fromFolder, from, toFolder, to);
}

export function remove(folder, path) {
  files("remove", folder, path);
}
